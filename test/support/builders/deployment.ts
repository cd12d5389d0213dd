import type { Deployment } from '#core/deploy/deployment-file.js'
import { type Plan, type PlanFacts, planFor, recordedSteps, type Step } from '#core/deploy/plan.js'

const COMMIT = '1a2b3c4d5e6f708192a3b4c5d6e7f80912233445'

/** Returns the plan of a deployment of v2 over v1 that installs nothing, with what differs from that. */
export function aPlan(changes: Partial<PlanFacts> = {}): Plan {
  return planFor({
    what: 'deployment',
    target: { name: 'v2-1a2b3c4d', commit: COMMIT, tag: 'v2', subfolder: '' },
    from: { name: 'v1-0011aabb', commit: '0011aabb'.repeat(5) },
    hasSettings: true,
    isBuilt: false,
    install: [],
    check: undefined,
    folders: { install: '', check: '' },
    settings: undefined,
    supervisor: 'service',
    busyMaxSeconds: 600,
    ...changes,
  })
}

/** Returns how far a plan has come when this is the last step that has begun. */
export function begunBy(plan: Pick<Plan, 'steps'>, last: Step['do'] | undefined): number {
  return plan.steps.findIndex((step) => step.do === last) + 1
}

/** Returns the deployment that carries out a plan, before its first step, with what differs from that. */
export function aDeployment(plan: Plan, changes: Partial<Deployment> = {}): Deployment {
  return {
    ...plan,
    steps: recordedSteps(plan.steps),
    id: 'id',
    since: '2026-03-01T12:00:00.000Z',
    by: 'ann',
    begun: 0,
    backup: null,
    instance: null,
    supervisor: 'none',
    back: null,
    tolerated: [],
    ...changes,
  }
}
