import { describe, test } from 'node:test';
import { openOnnxRuntime } from '../../src/adapters/model/onnx.ts';
import { conformanceCases } from '../../src/conformance/case.ts';
import { modelCases } from '../../src/conformance/model.ts';

for (const processes of [1, 2]) {
  describe(`model adapter onnx, ${processes} process(es)`, () => {
    for (const one of conformanceCases(modelCases, [])) {
      test(one.name, async () => {
        const runtime = openOnnxRuntime({ timeoutMs: 3000, processes });
        try {
          await one.run({ runtime });
        } finally {
          await runtime.close();
        }
      });
    }
  });
}
