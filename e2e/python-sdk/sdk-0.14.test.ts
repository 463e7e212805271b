import { describeSdkLine } from '../support/sdk-story.ts'

describeSdkLine('0.14', 'docker')
