import assert from 'node:assert/strict'
import test from 'node:test'
import { type OtherMember, startOther } from '../clients/librdkafka.ts'
import { checkGroup, joinGroup } from '../support/broker/mixed-group.ts'
import { watchOffsets } from '../support/broker/offsets-watch.ts'
import { shareKafka } from '../support/broker/shared-kafka.ts'
import type { Service } from '../support/service.ts'
import { sizeOf } from '../support/size.ts'

/** Records a second, for as long as members come and go. */
const RATE = sizeOf('RATE', 250)
const createScene = shareKafka()

/** Joins (+) and leaves (-): each kind of member is alone, first and last at some time. */
const STEPS = '+other-1 +ours-2 -ours-1 +ours-3 -other-1 +other-2 -ours-2 -ours-3 +ours-4 -other-2'

for (const strategy of ['cooperative-sticky', 'range']) {
  test(`a group shared with librdkafka by ${strategy}: each record is handled, no offset goes back`, async (t) => {
    const scene = await createScene(t)
    const ours = new Map<string, Service>()
    const others = new Map<string, OtherMember>()
    t.after(() => {
      for (const { process } of others.values()) process.kill('SIGKILL')
    })

    async function step(text: string): Promise<void> {
      const name = text.slice(1)
      const isOurs = name.startsWith('ours')
      if (text.startsWith('-')) {
        const members = isOurs ? ours : others
        assert.equal(await members.get(name)?.terminate(), 0, text)
        members.delete(name)
      } else if (isOurs) {
        ours.set(name, await joinGroup(scene, strategy))
      } else {
        const member = startOther(scene, strategy)
        others.set(name, member)
        await member.ready()
      }
    }

    await step('+ours-1')
    const offsets = watchOffsets(scene)
    const steps = STEPS.split(' ')
    const during = (async () => {
      for (const each of steps) await step(each)
    })()
    const { ids } = await scene.produce({ during, rate: RATE })
    await during
    await checkGroup(`a group shared with librdkafka, ${strategy}`, scene, offsets, ids, {
      'joins and leaves': steps.length,
    })
  })
}
