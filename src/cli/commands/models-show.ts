import type { Answer, Command, Invocation } from '../command.ts';
import { chosenLoop, loopOption, withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { modelCard } from '../reports/model-card.ts';
import { modelDossier } from '../reports/model-dossier.ts';
import { modelText } from '../reports/model-text.ts';

/** `sluice models show`: all that is on record about one model version. */
export const command: Command = {
  name: 'models show',
  summary: 'show all that is on record about a model: data, metrics, code, config, gates, decisions, aliases',
  args: [['[model]', 'champion, candidate, or a digest or unique prefix of it; champion when absent']],
  options: [['--card', 'print a model card in Markdown instead'], loopOption],
  example: 'sluice models show champion --card',
  run: showModel,
};

async function showModel(invocation: Invocation): Promise<Answer> {
  const { args, options, terminal } = invocation;
  return withStore(invocation, async ({ ledger }) => {
    const loop = (await chosenLoop(ledger, options)) || 'of this store';
    const model = await ledger.aliases.resolve(loop, args[0] ?? 'champion');
    const dossier = await modelDossier(ledger, model);
    if (options['card'] === true) {
      const card = modelCard(dossier);
      return { json: { model: model.digest, card }, text: card };
    }
    return { json: plainJson(dossier), text: modelText(terminal, dossier) };
  });
}
