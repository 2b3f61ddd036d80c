import { test } from 'vitest';
import { openTestApp, publicEnvironment } from './testing/index.ts';
test('probe', async () => {
	let t = performance.now();
	const lap = (name: string) => { console.log(name, Math.round(performance.now() - t)); t = performance.now(); };
	const server = await openTestApp();
	lap('open');
	await server.request('/'); lap('home');
	await server.services.search.complete; lap('search complete');
	await server.request('/papers/quartet'); lap('paper');
	const post = await server.request('/api/v1/runs', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ system: 'daq-model', inputs: { l1tRatio: 100 }, seed: 0 }) });
	const run = await post.json(); lap('post');
	const events = await (await server.request(`/api/v1/runs/${run.id}/events`)).text(); lap('run');
	console.log(events.slice(0, 600));
	const whole = await (await server.request(`/api/v1/runs/${run.id}`)).json();
	console.log(JSON.stringify(whole.inputs).slice(0, 3000), whole.artifacts);
	console.log(JSON.stringify((await (await server.request('/api/v1/openapi.json')).json()).paths['/api/v1/flags']).slice(0, 1500));
	for (const url of ['//evil.example', '/..//evil.example', '/.//evil.example', '/\\evil.example', 'https:evil.example'])
		console.log(url, (await server.request(`/login?back=${encodeURIComponent(url)}`)).headers.get('location'));
	await server.close(); lap('close');
	const second = await openTestApp(publicEnvironment); lap('open 2'); await second.services.search.complete; lap('second search'); await second.close();
});
