// Dev/pictures/conditions has the other conditions, which take longer.
import { test } from 'node:test'
import { oneService } from '../../../../dev/pictures/conditions/one-service.ts'
import { createStage } from '../../../../dev/pictures/conditions/stage.ts'
import { createUndoStack } from '../../../../src/kernel/lifecycle.ts'

test('in a browser: one trouble after another is the sentence, with the chapter that says what to do', async (t) => {
  const undo = createUndoStack()
  t.after(() => undo.run())
  await oneService(await createStage(undo, { say: (text) => t.diagnostic(text), pictures: null }))
})
