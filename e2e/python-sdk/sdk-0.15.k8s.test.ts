import { describeSdkLine } from '../support/sdk-story.ts'

describeSdkLine('0.15', 'kubernetes')
