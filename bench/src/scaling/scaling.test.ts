import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Assumptions, answersPerNode, type Figures, scaleOf } from './scalingModel.ts';
import { docsPath, readFigures, scalingText, withScalingText } from './scalingText.ts';

const figures: Figures = {
  answers: 100,
  nodeUsPerChunk: 50,
  postgresUsPerChunk: 20,
  nodeUsPerSend: 3000,
  postgresUsPerSend: 1500,
  walBytesPerChunk: 300,
};
const assumed: Assumptions = {
  chunksPerSecond: 20,
  answerSeconds: 30,
  usableShare: 0.55,
  postgresCores: 8,
  walBytesPerSecond: 100e6,
  postgresConnections: 400,
  connectionsPerNode: 16,
};

test('a node is full when its single thread is', () => {
  // 20 × 50 µs and 3,000 µs each 30 s are 1,100 µs a second.
  expect(answersPerNode(figures, assumed)).toBe(500);
});

test('a few nodes are full before their Postgres', () => {
  const scale = scaleOf(3, figures, assumed);
  expect(scale).toMatchObject({ answers: 1500, connections: 48, first: 'the nodes', cells: 1 });
  // 1,500 × (20 × 20 µs + 50 µs)
  expect(scale.postgresCores).toBeCloseTo(0.675, 5);
  expect(scale.walBytesPerSecond).toBe(9e6);
});

test('many nodes need as many cells as the fullest resource of Postgres requires, each with whole nodes', () => {
  // 100 nodes: 22.5 cores of 4.4, 300 MB/s of 55, 1,600 connections of 400.
  expect(scaleOf(100, figures, assumed)).toMatchObject({ first: 'Postgres: write-ahead log', cells: 6 });
  expect(scaleOf(100, figures, { ...assumed, walBytesPerSecond: 1e9 })).toMatchObject({
    first: 'Postgres: CPU',
    cells: 6,
  });
  const roomy = { ...assumed, walBytesPerSecond: 1e9, postgresCores: 64 };
  expect(scaleOf(100, figures, roomy)).toMatchObject({ first: 'Postgres: connections', cells: 4 });
});

test('the document has the table that follows from the measured figures', () => {
  const document = readFileSync(docsPath, 'utf8');
  expect(withScalingText(document, scalingText(readFigures()))).toBe(document);
});
