export * from './tflite-model.ts';
