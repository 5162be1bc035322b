// What handlers import as `pg` where no node_modules is near them: an entry of its own of the build
// (dev/build.ts). A copy, so that a handler's `types.setTypeParser` is not the service's.
export * from 'pg'
export { default } from 'pg'
