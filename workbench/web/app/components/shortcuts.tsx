/** Keys for lists of papers: j and k move, u votes, o opens. They can be switched off in the settings. */
import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { useSite } from './frame.tsx';

export function Shortcuts() {
	const { areKeysOn } = useSite();
	const navigate = useNavigate();
	useEffect(() => {
		if (!areKeysOn) return;
		const move = (step: number): void => {
			const papers = [...document.querySelectorAll('.paper')];
			const at = papers.findIndex((paper) => paper.classList.contains('selected'));
			const next = papers[Math.max(0, Math.min(papers.length - 1, at + step))];
			papers[at]?.classList.remove('selected');
			next?.classList.add('selected');
			next?.querySelector<HTMLElement>('h2 a, h3 a')?.focus();
			next?.scrollIntoView({ block: 'nearest' });
		};
		const onKey = (event: KeyboardEvent): void => {
			const { target } = event;
			if (event.metaKey || event.ctrlKey || event.altKey) return;
			if (target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null) return;
			const selected = document.querySelector('.paper.selected');
			if (event.key === 'j') move(1);
			else if (event.key === 'k') move(-1);
			else if (event.key === 'u') selected?.querySelector<HTMLButtonElement>('.vote button')?.click();
			else if (event.key === 'o' && selected instanceof HTMLElement) void navigate(`/papers/${selected.dataset['paper']}`);
		};
		document.addEventListener('keydown', onKey);
		return () => document.removeEventListener('keydown', onKey);
	}, [areKeysOn, navigate]);
	return null;
}
