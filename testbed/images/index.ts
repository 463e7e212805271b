export { cacheFolder } from './busybox.ts'
export { buildTestImage, testImageName } from './images.ts'
