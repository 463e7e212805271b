import { describeEngine } from '../conformance.ts'
import { dockerFixture } from './docker-fixture.ts'

describeEngine('docker', dockerFixture)
