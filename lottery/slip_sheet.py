"""slips.html: slips to print on A4 and cut apart; one page that needs no other file, Chinese with English below."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from lottery.manifest import Manifest
from lottery.slips import Slip

STYLE = """
@page{size:A4;margin:8mm 12mm}
*{box-sizing:border-box}
body{margin:0 auto;max-width:186mm;color:#111;
font:9pt/1.3 "Noto Serif CJK SC","Noto Sans CJK SC","Songti SC","SimSun","Microsoft YaHei",serif}
small{font-size:7pt;color:#444;font-weight:400}
.slip{break-inside:avoid;padding:2.5mm 0 2mm;border-bottom:1px dashed #111;position:relative}
.slip::after{content:"\\2702";position:absolute;left:-6mm;bottom:-2.4mm;font-size:11pt;line-height:1}
header{display:flex;justify-content:space-between;gap:6mm;align-items:center}
header p{margin:0}
.name,.code{font-size:23pt;line-height:1.2;font-weight:700}.name{flex:none;max-width:80mm}
.code,dd,.draw{font-family:"DejaVu Sans Mono",Menlo,Consolas,"Noto Sans Mono CJK SC",monospace}
.about{text-align:right;margin-left:auto!important}.draw{font-size:6.8pt;display:block;overflow-wrap:anywhere}
.test{border:1.5pt solid #111;padding:0 2mm;font-weight:700;white-space:nowrap}
dl{display:grid;grid-template-columns:36mm 1fr;gap:0 2mm;margin:1mm 0 0;align-items:baseline}
dd{margin:0;font-size:6.8pt;line-height:1.35;overflow-wrap:anywhere}
.wide{grid-column:1/3}
.path{display:grid;grid-template-columns:1fr 1fr;gap:0 2mm;font-size:5.9pt;line-height:1.3}
.note{margin:1mm 0 1.5mm;font-size:8pt}
.receipt{display:flex;gap:4mm;align-items:baseline;border-top:1px dotted #111;padding-top:4.5mm;margin:0}
.receipt b{font-size:11pt}
.line{flex:1;border-bottom:1px solid #111;min-width:24mm}.line.short{flex:.5}
"""


def sheet(slips: Sequence[Slip], manifest: Manifest) -> bytes:
    """The page with every slip, several to a printed sheet."""
    title = f"{escape(manifest['title'])} {manifest['draw']}"
    head = f'<meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>凭条 {title}</title>'
    body = "\n".join(_slip(each, manifest) for each in slips)
    page = (
        f'<!doctype html>\n<html lang="zh-Hans"><head>{head}<style>{STYLE}</style></head><body>\n{body}\n</body></html>'
    )
    return f"{page}\n".encode()


def _slip(slip: Slip, manifest: Manifest) -> str:
    name, code = escape(slip.private.person.name), slip.line.code
    test = '<p class="test">测试 TEST</p>' if manifest["test"] else ""
    return (
        f'<section class="slip"><header><p class="name">{name}</p><p class="code">{code}</p>'
        f'<p class="about">{escape(manifest["title"])}　派位凭条 <small>Slip</small>'
        f'<span class="draw">{escape(manifest["origin"])} {manifest["draw"]}</span></p>{test}</header>'
        f"<dl>{_facts(slip, manifest)}</dl>"
        f'<p class="note">请妥善保管，勿外传。名册根哈希须与张贴的公告一致。 '
        f"<small>Keep it private; the root is on the posted notice.</small>"
        f" {_earlier(manifest['predecessors'])}</p>"
        f'<p class="receipt"><span>回执 <small>Receipt</small></span><b>{name}　{code}</b>'
        '<span>签收 <small>Signature</small></span><span class="line"></span>'
        '<span>日期 <small>Date</small></span><span class="line short"></span></p></section>'
    )


def _earlier(predecessors: Sequence[str]) -> str:
    ids = f"（{'、'.join(predecessors)}）" if predecessors else ""
    return f"此前同类派位 {len(predecessors)} 次{ids}。<small>Earlier draws: {len(predecessors)}.</small>"


def _facts(slip: Slip, manifest: Manifest) -> str:
    """What the slip proves, line by line; a hash of the proof is joined on its side, L left or R right."""
    path = "".join(f"<span>{side[0].upper()} {item.hex()}</span>" for side, item in slip.path)
    index, size = slip.proof.index, slip.size
    return (
        f"<dt>名册根哈希 <small>Roster root</small></dt><dd>{manifest['roster_root']}</dd>"
        f"<dt>登记内容 <small>Private record</small></dt><dd>{escape(slip.record)}</dd>"
        f"<dt>盐值 <small>Salt</small></dt><dd>{slip.private.salt.hex()}</dd>"
        f"<dt>名册中的一行 <small>Leaf</small></dt><dd>{escape(slip.line.leaf.decode())}</dd>"
        f'<dt class="wide">存在证明：序号 {index}（从 0 起），共 {size} 行；L 在左，R 在右 '
        f"<small>Inclusion proof: index {index} of {size}, L left, R right</small></dt>"
        f'<dd class="wide path">{path}</dd>'
    )
