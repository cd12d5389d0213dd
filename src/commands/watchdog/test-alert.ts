import AlertTest from '#commands/alert/test.js'

export default class WatchdogTestAlert extends AlertTest {
  static override summary = 'The same as `alert test`, under its older name.'
}
