export { dockerArchive, type ImageSettings, type TestImage, tarOf } from './archive.ts'
export { type BusyboxOptions, cacheFolder, isStatic, staticBusybox } from './busybox.ts'
export { buildTestImage, type TestImageKind, testImageName } from './images.ts'
