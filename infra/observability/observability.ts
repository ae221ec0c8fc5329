import { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { DemoDashboard } from './dashboard.ts';
import type { Observed } from './observed.ts';
import { SavedQueries } from './saved-queries.ts';

/** What an operator looks at, is woken by, and asks. */
export class Observability extends Construct {
  constructor(scope: Construct, id: string, observed: Observed) {
    super(scope, id);
    new DemoDashboard(this, 'Dashboard', observed);
    new Alarms(this, 'Alarms', observed);
    // Emulators have no Logs Insights, and some refuse a template that asks for it.
    if (!observed.settings.endpointUrl) new SavedQueries(this, 'Queries', observed);
  }
}
