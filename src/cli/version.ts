import packageJson from '../../package.json' with { type: 'json' }

export const currentVersion: string = packageJson.version
