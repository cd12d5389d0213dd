/** Reports a fault once however often it is seen, another one too, and once when it is over. */
export class FaultLatch {
  readonly #report: (fault: string | undefined) => void
  #fault: string | undefined

  /** `report` is called with the fault when it begins or changes, and with undefined when it is over. */
  constructor(report: (fault: string | undefined) => void) {
    this.#report = report
  }

  /** Takes in what is the case now: a fault, or undefined for none. */
  set(fault: string | undefined): void {
    if (fault === this.#fault) return
    this.#fault = fault
    this.#report(fault)
  }
}
