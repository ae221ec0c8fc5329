import { CfnQueryDefinition, type LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Observed } from './observed.ts';

const TRANSITION = `filter message = "circuit transition"
| fields fromMillis(transition.atMs) as at, transition.name as circuit,
    transition.generation as generation, transition.from as before, transition.to as after,
    transition.operation as operation, transition.by as instance, transition.reason as reason`;

/** In CloudWatch Logs Insights, in a folder for the deployment. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { services, settings }: Observed) {
    super(scope, id);
    const all = Object.values(services).map(({ fn }) => fn.logGroup);
    const v2 = [services['gateway-v2'].fn.logGroup];
    const save = (name: string, logGroups: LogGroup[], queryString: string) =>
      new CfnQueryDefinition(this, name, {
        name: `fleet-breaker-${settings.stage}/${name}`,
        logGroupNames: logGroups.map(({ logGroupName }) => logGroupName),
        queryString,
      });
    // By generation: the clocks of the instances need not agree, the shared state does.
    save('transitions', v2, `${TRANSITION}\n| sort generation asc`);
    save(
      'probes',
      v2,
      `${TRANSITION}\n| filter before = "HALF_OPEN" or after = "HALF_OPEN"\n| sort generation asc`,
    );
    save(
      'slowest-requests',
      all,
      `filter message = "answered"
| fields @timestamp, service, route, statusCode, durationMs, correlation_id
| sort durationMs desc
| limit 50`,
    );
    // The lines that carry the metrics: one for each request that came as far as the breaker.
    save(
      'degraded-share-per-minute',
      v2,
      `filter ispresent(CircuitOpen) or ispresent(Fallback)
| stats 100 * sum(coalesce(Fallback, 0)) / count(*) as degradedPercent, count(*) as requests
    by bin(1m)`,
    );
    save(
      'cold-starts',
      all,
      `filter @type = "REPORT" and ispresent(@initDuration)
| stats count(*) as coldStarts, avg(@initDuration) as averageMs, max(@initDuration) as longestMs
    by @log, bin(5m)`,
    );
  }
}
