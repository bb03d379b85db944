import { expect, test } from 'vitest';
import { measurePreview, measures, measureSpectrum } from '../../core/spectrum/measures.ts';
import { columnText, measureTexts } from './measure-text.ts';

test('a column has two digits, whole numbers from ten on, and a dash for what is not known', () => {
  expect([4.26, 12.7, 0, 123.4, 0.0512, NaN].map(columnText)).toEqual([
    '4.3',
    '13',
    '0',
    '123',
    '0.051',
    '–',
  ]);
});

test('texts name every measure that can be told, counts out of how many', () => {
  const whole = measureTexts(measureSpectrum({ sigma: [2, 1, 1], rows: 3, columns: 5 }), 3);
  expect(whole).toHaveLength(measures.length);
  expect(whole).toContain('stable rank 1.5 of 3');
  expect(whole).toContain('norm 2.45');
  const preview = measureTexts(measurePreview({ sigma: [2], rows: 3, columns: 5, frobenius: 3 }), 3);
  expect(preview).toHaveLength(measures.filter(({ ofPreview }) => ofPreview).length);
});
