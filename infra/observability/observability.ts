import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { ServiceApi } from '../constructs/service-api.ts';
import type { Part, ServiceFunction } from '../constructs/service-function.ts';
import type { Settings } from '../settings.ts';
import { Alarms } from './alarms.ts';
import type { CircuitMetricsSource } from './circuit-metrics.ts';
import { CircuitDashboard } from './dashboard.ts';
import { SavedQueries } from './saved-queries.ts';

export interface Service {
  readonly fn: ServiceFunction;
  readonly api: ServiceApi;
}

export interface Observed {
  readonly services: Readonly<Record<Part, Service>>;
  readonly table: Table;
  readonly circuit: CircuitMetricsSource;
  readonly settings: Pick<Settings, 'stage' | 'alarmEmail' | 'endpointUrl'>;
}

/** What an operator looks at, is woken by, and asks. */
export class Observability extends Construct {
  constructor(scope: Construct, id: string, observed: Observed) {
    super(scope, id);
    new CircuitDashboard(this, 'Dashboard', observed);
    new Alarms(this, 'Alarms', observed);
    // Emulators have no Logs Insights, and some refuse a template that asks for it.
    if (!observed.settings.endpointUrl) new SavedQueries(this, 'Queries', observed);
  }
}
