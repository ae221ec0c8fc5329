/** List prices, and what a million user requests would cost at them. Pure. */
import type { Cost, FunctionReport, Prices, StoreUse } from '../report.ts';
import { sum } from '../statistics.ts';

/** United States dollars, region us-east-1, no free tier, no discounts; noted at `asOf`, not looked up by a run. */
export const PRICES: Prices = {
  asOf: '2025-12',
  region: 'us-east-1',
  lambdaPerMillionRequests: 0.2,
  lambdaPerGbSecondArm64: 0.0000133334,
  apiGatewayRestPerMillionRequests: 3.5,
  dynamoDbPerMillionWriteUnits: 0.625,
  dynamoDbPerMillionReadUnits: 0.125,
};

interface Usage {
  readonly requests: number;
  readonly functions: readonly FunctionReport[];
  readonly store: StoreUse;
}

/** A read of one small item without strong consistency takes half a read unit; a write takes one write unit. */
export function costPerMillion({ requests, functions, store }: Usage): Cost {
  const invocations = sum(functions.map((one) => one.invocations));
  const gbSeconds = sum(functions.map((one) => one.billedGbSeconds));
  const perRequest = (units: number) => units / requests;
  const shares = {
    // Every function has an API of its own, the gateways' calls to the services included.
    apiGateway: perRequest(invocations) * PRICES.apiGatewayRestPerMillionRequests,
    lambdaRequests: perRequest(invocations) * PRICES.lambdaPerMillionRequests,
    lambdaDuration: perRequest(gbSeconds) * 1e6 * PRICES.lambdaPerGbSecondArm64,
    dynamoDb:
      perRequest(store.writes) * PRICES.dynamoDbPerMillionWriteUnits +
      perRequest(store.reads / 2) * PRICES.dynamoDbPerMillionReadUnits,
  };
  return { ...shares, total: sum(Object.values(shares)) };
}
