import test from 'node:test'
import { createUndoStack } from '../../../src/kernel/lifecycle.ts'
import { showNamespace } from './kubernetes/namespace.ts'
import { createScene, type Scene, type SceneOptions } from './scene.ts'

/**
 * A test with a scene of its own, gone afterwards. When it fails, what somebody who looks for the
 * reason would ask the cluster is printed first.
 */
export function scenario(
  name: string,
  title: string,
  body: (scene: Scene) => Promise<void>,
  options: SceneOptions = {},
): void {
  test(title, async () => {
    const began = performance.now()
    const undo = createUndoStack()
    try {
      const scene = await createScene(undo, name, options)
      try {
        await body(scene)
      } catch (error) {
        await showNamespace(scene.namespace.name)
        throw error
      }
    } finally {
      for (const { name: step, error } of await undo.run()) console.error(`undo ${step}:`, error)
      const seconds = ((performance.now() - began) / 1000).toFixed(0)
      console.log(`${name}: ${seconds} s`)
    }
  })
}
