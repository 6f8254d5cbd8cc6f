'use strict';

const path = require('node:path');
const ExcelJS = require('exceljs');

async function main() {
  const filename = path.join(process.argv[2], 'out.xlsx');
  const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({ filename });
  const sheet = workbook.addWorksheet('rows');
  for (let i = 0; i < 3000; i++) sheet.addRow([i, `row ${i}`, i * 1.5]).commit();
  await workbook.commit();
}
main();
