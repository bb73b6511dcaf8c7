"""Files in the layouts CMS and X12 publish, with invented rows."""

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

TITLE = "CPT only copyright 2099 A Society.  All rights reserved."

PTP_HEADER = (
    (TITLE, "", "", "", "", "", ""),
    ("Column1/Column2 Edits", "", "", "", "", "", ""),
    ("Column 1", "Column 2", "*=in existence", "Effective", "Deletion", "Modifier", "PTP Edit Rationale"),
    ("", "", "prior to 1996", "Date", "Date", "0=not allowed", ""),
    ("", "", "", "", "*=no data", "1=allowed", ""),
    ("", "", "", "", "", "9=not applicable", ""),
)
PTP_ROWS = (
    ("97010", "97012", "", "20200101", "*", "0", "Mutually exclusive procedures"),
    ("97010", "97014", "", "20200101", "20260630", "1", "More extensive procedure"),
    ("97010", "97016", "", "20201001", "20201001", "9", "More extensive procedure"),
    ("97999", "97012", "*", "19960101", "*", "1", "More extensive procedure"),
)

MUE_NOTICE = f'"{TITLE} \n\nFees are not assigned by the Society.",,,\n'
MUE_HEADER = '"HCPCS/\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n'
MUE_ROWS = (
    "97162,3,2 Date of Service Edit: Policy,Code Descriptor\n00100,1,3 Date of Service Edit: Clinical,Data\n"
)

PPRRVU_PREAMBLE = (
    "2026 National Physician Fee Schedule Relative Value File July Release,,,,,,,,,,,,,\n"
    f"{TITLE},,,,,,,,,,,,,\n"
)
PPRRVU_STACK = (
    ",,,,NOT USED,,,,,,,,,\n"
    ",,,STATUS,FOR MEDICARE,WORK,NON-FAC,NA,FACILITY,MP,MULT,PRIC,CONV,NON-FACILITY PE USED FOR\n"
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,RVU,PROC,IND,FACTOR,OPPS AMOUNT\n"
)
PPRRVU_ROWS = (
    "97110,,Words of the Society,A,,0.45,0.44,,0.44,0.01,5,9,33.4009,0.00\n"
    "97161,,Words of the Society,A,,1.54,1.50,,1.50,0.04,5,9,33.4009,0.00\n"
    "97161,26,Words of the Society,A,,9.99,9.99,,9.99,9.99,0,9,33.4009,0.00\n"
)

GPCI_FILE = (
    "ADDENDUM E. INDICES OF 2027,,,,,,,\n,,,,,,,\n"
    "Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,"
    "2027 PW GPCI (without 1.0 Floor),2027 PW GPCI (with 1.0 Floor)***,2027 PE GPCI,2027 MP GPCI\n"
    "10112,AL,00,ALABAMA*,0.977,1.000,0.880,0.570\n"
    "01182,CA,18,LOS ANGELES,1.041,1.041,1.183,0.664\n,,,,,,,\n"
    '"*A footnote, with a comma",,,,,,,\n'
)

ADD_ON_FILE = (
    "Add-On_Code\tAOC_Edit_Type\tAOC_DelDT\tPrimary_Code\tPrimary_Code_DelDT\tAOC_Edit_EffDT\tAOC_Edit_DelDT\n"
    "97130\t1\t\t97129\t\t2020001\t\n97546\t1\t\t97999\t\t2013001\t2015365\n"
)


def ptp_text(rows: Sequence[Sequence[str]] = PTP_ROWS) -> str:
    return "".join("\t".join(row) + "\r\n" for row in (*PTP_HEADER, *rows))


def write_workbook(path: Path, rows: Sequence[Sequence[object]], *, notes: bool = False) -> Path:
    """An XLSX file with these rows, after a sheet of notes if wanted."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    if notes:
        sheet.title = "Read me"
        sheet.append(["These are notes."])
        sheet = workbook.create_sheet("Edits")
    for row in rows:
        sheet.append(list(row))
    workbook.save(path)
    workbook.close()
    return path


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path
