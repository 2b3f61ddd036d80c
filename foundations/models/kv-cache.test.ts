import { expect, test } from 'vitest';
import { cacheFormat, kvBytesPerToken, kvCacheBytes } from './kv-cache.ts';
import { findModel } from './zoo.ts';

test.each([
	['llama-3-8b', 131_072],
	['llama-2-7b', 524_288],
	['llama-3-70b', 327_680],
	['bloom-176b', 4_014_080],
	['deepseek-v3', 70_272],
	['gpt3-175b', 4_718_592],
])('%s caches %i bytes per token', (name, bytes) => {
	expect(kvBytesPerToken(findModel(name), 'bf16')).toBe(bytes);
});

test('the cache grows by the bytes per token, and halves with 8-bit values', () => {
	const model = findModel('llama-3-8b');
	expect(kvCacheBytes(model, 1000)).toBe(1000 * 131_072);
	expect(kvCacheBytes(model, 1000, 'fp8')).toBe(1000 * 65_536);
});

test('a sliding window bounds the cache of its layers', () => {
	const everywhere = findModel('mistral-7b');
	expect(kvCacheBytes(everywhere, 4096)).toBe(kvCacheBytes(everywhere, 32_768));
	const alternating = findModel('gemma-2-9b');
	const perLayer = kvBytesPerToken(alternating) / 42;
	expect(kvCacheBytes(alternating, 8192)).toBe(perLayer * (21 * 8192 + 21 * 4096));
});

test('quantised weights do not quantise the cache', () => {
	expect(cacheFormat(findModel('deepseek-v3'))).toBe('bf16');
	expect(cacheFormat(findModel('opt-30b'))).toBe('fp16');
});
