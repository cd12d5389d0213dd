import type { ServiceSpec } from '#core/service/manager.js'
import { aServiceSpec } from '../../support/builders/service-spec.js'

/** A service whose home makes trouble wherever it can. */
export const spec = aServiceSpec({
  home: 'C:\\Bots\\my bot é $x 100%',
  program: 'C:\\Program Files\\nodejs\\node.exe',
  args: ['C:\\catalyst\\bin\\run.js', 'bot', 'start', '--home', 'C:\\Bots\\my bot é $x 100%', 'say "hi"'],
  environment: { CATALYST_SERVICE: 'NewsBot' },
  stdout: 'C:\\Bots\\my bot é $x 100%\\data\\logs\\service_stdout.log',
  stderr: 'C:\\Bots\\my bot é $x 100%\\data\\logs\\service_stderr.log',
})

/** The registry's keys and values for it, as NSSM leaves them: what is at its default isn't there. */
export function registryOf(of: ServiceSpec, parameters: Readonly<Record<string, string | number>> = {}) {
  return {
    [of.name]: {
      Description: of.description,
      DisplayName: of.name,
      ErrorControl: 1,
      ImagePath: process.execPath, // some program that is there
      ObjectName: of.account ?? 'LocalSystem',
      Start: 2,
      Type: 16,
    },
    [`${of.name}\\Parameters`]: {
      AppDirectory: of.home,
      AppEnvironmentExtra: Object.entries(of.environment).map(([name, value]) => `${name}=${value}`),
      Application: of.program,
      AppParameters: 'C:\\catalyst\\bin\\run.js bot start --home "C:\\Bots\\my bot é $x 100%" "say \\"hi\\""',
      AppRestartDelay: of.restartDelayMs,
      AppRotateBytes: 10_485_760,
      AppRotateDelay: 1,
      AppRotateFiles: 1,
      AppRotateOnline: 1,
      AppStderr: of.stderr,
      AppStdout: of.stdout,
      AppStopMethodConsole: of.stopTimeoutMs,
      AppStopMethodSkip: 0,
      AppStopMethodThreads: 1000,
      AppStopMethodWindow: 1000,
      AppThrottle: 1,
      ...parameters,
    },
    [`${of.name}\\Parameters\\AppExit`]: { '': 'Restart', 77: 'Exit', 78: 'Exit' },
  }
}
