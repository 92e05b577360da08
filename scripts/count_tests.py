"""Adds up test results (trx files): count_tests.py FOLDER BROKEN prints the closing line; --failed FILE prints a filter of what failed in it."""
import pathlib
import sys
import xml.etree.ElementTree as tree

SPACE = {'t': 'http://microsoft.com/schemas/VisualStudio/TeamTest/2010'}


def results(file):
    root = tree.parse(file).getroot()
    outcome = root.find('.//t:ResultSummary', SPACE).get('outcome')
    return outcome, {r.get('testName'): r.get('outcome') for r in root.findall('.//t:UnitTestResult', SPACE)}


def failed_filter(file):
    if not pathlib.Path(file).exists():
        return ''
    methods = {name.split('(')[0] for name, outcome in results(file)[1].items() if outcome == 'Failed'}
    return '|'.join('FullyQualifiedName~' + method for method in sorted(methods))


def count(folder, broken):
    tests = {}
    failed = broken
    for file in sorted(pathlib.Path(folder).glob('*.trx'), key=lambda f: (f.name.endswith('.second.trx'), f.name)):
        project = file.name.split('.second.trx')[0].removesuffix('.trx')
        outcome, found = results(file)
        for name, result in found.items():
            if tests.get((project, name)) == 'Failed' and result == 'Passed':
                print('PASSED AT THE SECOND TRY', name)
            tests[project, name] = result
        if outcome not in ('Completed', 'Passed') and 'Failed' not in found.values():
            failed += 1
            print(f'{project}: the test run itself ended as {outcome}')
    for (_, name), result in tests.items():
        if result == 'Failed':
            print('FAILED', name)
    passed = sum(result == 'Passed' for result in tests.values())
    failed += sum(result == 'Failed' for result in tests.values())
    print(f'{passed} passed, {failed} failed, {len(tests) - passed - sum(r == "Failed" for r in tests.values())} skipped')
    return 1 if failed or not passed else 0


if sys.argv[1] == '--failed':
    print(failed_filter(sys.argv[2]))
else:
    sys.exit(count(sys.argv[1], int(sys.argv[2])))
