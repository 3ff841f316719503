// At departure: how likely is it that a flight arrives 15 minutes late or more?
import { atLeast, count, defineLoop, defineSource, mean, nonInferior, range, unique, view } from 'sluice';
import { z } from 'zod';

const flights = defineSource({
  name: 'flights',
  files: 'landing/*.parquet',
  schema: z.object({
    date: z.date(), // departure, on the clock of the origin
    delay: z.int(), // minutes late at arrival
    distance: z.int(), // miles
    origin: z.string().length(3),
    destination: z.string().length(3),
  }),
  local: ['date'],
  lookups: {
    airport: {
      file: 'reference/airports.csv',
      key: 'iata',
      on: 'origin',
      columns: { iata: 'string', zone: 'string' },
    },
  },
  derive: (flight, { airport }) => {
    const departed = flight.date.inZone(airport.zone);
    return {
      departed,
      arrived: departed.plusSeconds(flight.distance.times(8).plus(40 * 60)),
      late: flight.delay.gte(15),
    };
  },
  eventTime: 'departed',
  knownTime: 'arrived',
  outcome: ['delay'],
});

const { columns } = flights;
const windows = ['1h', '3h', '24h'] as const;
const lateness = { late_rate: mean(columns.late), flights: count() };
const origin = view('origin', { by: columns.origin, windows, aggregates: lateness });
const destination = view('destination', { by: columns.destination, windows, aggregates: lateness });

export default defineLoop({
  name: 'flights',
  source: flights,
  contract: {
    rules: [range(columns.delay, { min: -120, max: 1440 }), unique()],
    maxQuarantinedShare: 0.02,
  },
  views: [origin, destination],
  features: {
    distance: columns.distance,
    minute_of_day: columns.date.minuteOfDay(),
    weekday: columns.date.weekday(),
    origin: columns.origin,
    destination: columns.destination,
    ...origin.features,
    ...destination.features,
  },
  label: { value: columns.late, maturity: '12h' },
  train: {
    trainer: 'trees',
    seed: 7,
    split: { evaluation: { from: '2001-03-01', until: '2001-04-01' }, validationDays: 14 },
  },
  evaluate: {
    threshold: 0.5,
    cost: { falsePositive: 1, falseNegative: 4 },
    block: 'day',
    slices: { origin: columns.origin, hour: columns.date.hour() },
    gates: [atLeast('auc', 0.65), atLeast('logLossSkill', 0.03), nonInferior('logLoss', { margin: 0.002 })],
  },
});
