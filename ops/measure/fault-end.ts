/** What a deployment does to a fault that is on, and whether the fault ends by itself. */
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { stageOfResource } from '../confirm.ts';
import { stackOutput } from '../targets.ts';
import { command, get, inSeconds, type Place, type Table, waitUntil } from './place.ts';

const LASTS_S = 90;
const HANG_MS = 3_000;

export async function faultAfterDeploy(place: Place): Promise<Table> {
  const stage = stageOfResource(stackOutput(place.outputs, 'RecommendationsFunctionName'));
  const where = ['--target', place.target, '--outputs', place.outputsFile, '--stage', stage];
  const fault = ['on', '--for', `${LASTS_S}s`, '--hang-ms', String(HANG_MS)];
  await command('fault', [...fault, ...where]);
  const startedAtMs = Date.now();
  try {
    const during = await get(place, 'GatewayV1Url', '/product-details/1');
    const afterDeploy = await deployAgain(place);
    const isWell = async () =>
      (await get(place, 'GatewayV1Url', '/product-details/1')).status === 200;
    await waitUntil(isWell, {
      everyMs: 2_000,
      limitMs: 2_000 * LASTS_S,
      what: 'the end of the fault',
    });
    return [
      ['what', 'seen'],
      ['v1 while the fault is on', `${during.status} after ${inSeconds(during.tookMs)}`],
      ['SIMULATE_FAILURE after a deployment', afterDeploy],
      [
        `v1 is well again, with an end after ${LASTS_S} s`,
        `after ${inSeconds(Date.now() - startedAtMs)}`,
      ],
    ];
  } finally {
    await command('fault', ['off', ...where]);
  }
}

/** Returns the variable as it is afterwards. */
async function deployAgain({ target, outputs, outputsFile, settings }: Place): Promise<string> {
  if (target === 'local') return 'nothing can be deployed here';
  const FunctionName = stackOutput(outputs, 'RecommendationsFunctionName');
  const stage = ['-c', `stage=${stageOfResource(FunctionName)}`];
  if (target === 'aws') {
    const unasked = ['--require-approval', 'never', '--yes'];
    await command('deploy', ['deploy', ...stage, ...unasked, '--outputs-file', outputsFile]);
  } else {
    await command('localstack', ['deploy', ...stage, '--outputs', outputsFile]);
  }
  const lambda = new LambdaClient(settings);
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  return Environment?.Variables?.SIMULATE_FAILURE ?? 'gone';
}
