// Loaded before the service: the name of the machine that takes the pictures is not to be seen in them.
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'

const { POD_NAME: name = 'pod' } = process.env
os.hostname = () => name
syncBuiltinESMExports()
