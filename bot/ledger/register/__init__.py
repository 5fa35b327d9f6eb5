"""The registers (台账): what each holds, how rows are entered, corrected and struck out, by hand and by workbook."""
