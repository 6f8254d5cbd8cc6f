'use strict';

/** What charts and tables ask of the rows of records. */

const OURS = 'rushwrite';

const peerOf = (row, name) => row.figures.find(({ peer }) => peer === name);
const oursOf = (row) => peerOf(row, OURS);
const baselineOf = (row) => peerOf(row, row.baseline);
const majorOf = ({ node }) => Number(node.split('.')[0]);

/** The rows of the newest Node among them. */
function newestNode(rows) {
  const newest = Math.max(...rows.map(majorOf));
  return rows.filter((row) => majorOf(row) === newest);
}

/** Fresh, but for rows that have nothing but steady. */
function freshRows(rows) {
  const fresh = rows.filter(({ phase }) => phase === 'fresh');
  const isFresh = ({ name }) => fresh.some((row) => row.name === name);
  return rows.filter((row) => row.phase === 'fresh' || (row.phase && !isFresh(row)));
}

module.exports = { OURS, freshRows, peerOf, oursOf, baselineOf, majorOf, newestNode };
