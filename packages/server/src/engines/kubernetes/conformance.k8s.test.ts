import { describeEngine } from '../conformance.ts'
import { kubernetesFixture } from './kubernetes-fixture.ts'

describeEngine('kubernetes', kubernetesFixture, { startTimeout: 900_000 })
