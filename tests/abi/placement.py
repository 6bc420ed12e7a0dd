#!/usr/bin/env python3
"""Write the placement list of one release: which public header holds which name, and the C text of every prototype.

    placement.py 4.3.5.json > headers-4.3.tsv

tests/header_is_fresh.rs reads the list to know where a generated declaration goes, and takes from it the prototypes of
functions that no Rust source defines yet, of variadic functions and of data objects. One row per name, tab-separated:

    kind  name  header  [C text]

Kinds: struct, union, typedef, enum, enum-typedef (an enum without a tag), enum-anonymous (named by its first constant),
function, variadic (also those with a va_list: always taken from here), data, hidden (exported but not declared).
The list depends on the table only; run this again after a table changes.
"""
import json
import os
import re
import sys


def declare(ctype, name):
    """`ctype` as a C declaration of `name`"""
    if '(*)(' in ctype:
        return ctype.replace('(*)', '(*%s)' % name, 1)
    m = re.match(r'(.*?)((?:\[\d*\])+)$', ctype)
    if m:
        return declare(m.group(1), name + m.group(2))
    return ctype + ('' if ctype.endswith('*') else ' ') + name


def prototype(name, f):
    params = [declare(p['type'], (p['name'] or '').removeprefix('__')) for p in f['params']]
    if f['variadic']:
        params.append('...')
    text = declare(f['return'], name + '(%s)' % (', '.join(params) or 'void'))
    form = [i for i, p in enumerate(f['params'], 1) if p['name'] == 'format']
    if f['variadic'] and form:
        text += ' LWS_FORMAT(%d)' % form[0]
    return text + ';'


def rows(t):
    for kind in ('struct', 'union'):
        for name, s in t[kind + 's'].items():
            yield kind, name, s['header']
    for name, s in t['typedefs'].items():
        if s['type'] not in ('<unnamed enum>', '<unnamed struct>', '<unnamed union>'):
            yield 'typedef', name, s['header']
    for name, e in t['enums'].items():
        if e['spelling'] is None:
            yield 'enum-anonymous', next(iter(e['constants'])), e['header']
        else:
            yield 'enum' if e['spelling'].startswith('enum ') else 'enum-typedef', name, e['header']
    for name, f in t['functions'].items():
        fixed = f['variadic'] or any(p['type'] == 'va_list' for p in f['params'])
        yield 'variadic' if fixed else 'function', name, f['header'], prototype(name, f)
    for name, d in t['data'].items():
        if d.get('header'):
            yield 'data', name, d['header'], 'extern %s;' % declare(d['type'], name)
    for name in t['exported_undeclared']:
        yield 'hidden', name, '-'


def main():
    path = sys.argv[1]
    if not os.path.exists(path):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), path)
    with open(path, encoding='utf-8') as f:
        table = json.load(f)
    for row in sorted(rows(table)):
        print('\t'.join(row))


if __name__ == '__main__':
    main()
