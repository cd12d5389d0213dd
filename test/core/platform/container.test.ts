import { expect } from 'chai'
import { isInContainer, memoryKills } from '#core/platform/container.js'

/** The namespace of a container's processes. */
const OWN = 'pid:[4026532260]'

describe('a container', () => {
  for (const [name, environment, there, namespace, expected] of [
    ['Docker', {}, ['/.dockerenv'], OWN, true],
    ['Podman', {}, ['/run/.containerenv'], OWN, true],
    ['Kubernetes', { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, [], OWN, true],
    ['systemd in Podman, which is like a machine', {}, ['/run/.containerenv', '/run/systemd/system'], OWN, false],
    ['a machine made of an image', {}, ['/.dockerenv'], 'pid:[4026531836]', false],
    ['a sandbox that is no container', {}, [], OWN, false],
    ['Windows', {}, [], undefined, false],
  ] as const)
    it(`is known by the marks of its engine (${name})`, () => {
      const isThere = (path: string) => (there as readonly string[]).includes(path)
      expect(isInContainer(environment, isThere, () => namespace)).to.equal(expected)
    })

  for (const [name, files, expected] of [
    ['cgroups v2', { '/sys/fs/cgroup/memory.events': 'low 0\noom 3\noom_kill 2\noom_group_kill 0' }, 2],
    ['cgroups v1', { '/sys/fs/cgroup/memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1' }, 1],
    ['a kernel that does not count', { '/sys/fs/cgroup/memory/memory.oom_control': 'oom_kill_disable 0' }, undefined],
    ['none', {}, undefined],
  ] as const)
    it(`tells how many of its processes were killed for lack of memory (${name})`, () => {
      expect(memoryKills((path) => (files as Record<string, string>)[path])).to.equal(expected)
    })
})
