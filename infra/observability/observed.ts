import type { CircuitSource, CircuitTable } from 'fleet-breaker/cdk';
import type { ServiceApi } from '../constructs/service-api.ts';
import type { Part, ServiceFunction } from '../constructs/service-function.ts';
import type { Settings } from '../settings.ts';

export interface Service {
  readonly fn: ServiceFunction;
  readonly api: ServiceApi;
}

/** What the dashboard, the alarms and the saved queries are about. */
export interface Observed {
  readonly services: Readonly<Record<Part, Service>>;
  readonly table: CircuitTable;
  readonly source: CircuitSource;
  readonly settings: Pick<Settings, 'stage' | 'alarmEmail' | 'endpointUrl'>;
}
