/** A program that answers everything with the same bytes, through Hono and nothing else: what any server here can do at best. */
import { readFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const [file = ''] = process.argv.slice(2);
const body = new Uint8Array(readFileSync(file));
const headers = { 'content-type': 'text/html; charset=utf-8', 'content-encoding': 'gzip' };
const app = new Hono().get('*', () => new Response(body, { headers }));
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log(port));
