"""Looks at the status page of a run as a person would, and says what is wrong with it.

status_page.py SCENARIO URL TOKEN FOLDER: what was found as JSON on standard output; ends with 1 and one line a fault
where something is wrong. Screenshots go to FOLDER, or to what STATUS_PAGE_SCREENSHOTS names, for who wants to look.
"""

import importlib.util
import json
import os
import signal
import sys
import time
import urllib.request

from chromium import Browser, eventually

WIDTHS = (360, 800, 1440)
RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']


class Findings:
    def __init__(self):
        self.faults = []
        self.figures = {}

    def expect(self, condition, fault):
        if not condition:
            self.faults.append(fault)


def picture(folder, name):
    return os.path.join(os.environ.get('STATUS_PAGE_SCREENSHOTS', folder), name)


def axe_source():
    package = importlib.util.find_spec('axe_playwright_python').submodule_search_locations[0]
    with open(os.path.join(package, 'axe.min.js'), encoding='utf-8') as file:
        return file.read()


def check_access(page, where, findings):
    """The rules of WCAG 2.2 AA that a machine can decide, by axe-core."""
    if not page.value("typeof axe === 'object'"):
        page.value(axe_source() + '; true')
    options = json.dumps({'runOnly': RULES, 'resultTypes': ['violations']})
    result = page.value(f"""axe.run(document, {options}).then(found => ({{
      passes: found.passes.length,
      violations: found.violations.map(rule => rule.id + ': ' + rule.help + ' '
        + rule.nodes.slice(0, 3).map(node => node.html + ' ' + node.failureSummary).join(' | ')) }}))""")
    findings.figures['rules_passed'] = max(findings.figures.get('rules_passed', 0), result['passes'])
    findings.expect(result['passes'] >= 15, f'{where}: only {result["passes"]} rules applied')
    findings.faults += [f'{where}: {violation}' for violation in result['violations']]


def looks(page, url, token, folder, findings):
    """Three widths, light and dark, both languages: nothing sticks out, nothing is out of reach, nothing complains."""
    for width in WIDTHS:
        for scheme in ('light', 'dark'):
            language = 'de' if scheme == 'dark' else 'en'
            where = f'{width} px, {scheme}, {language}'
            page.open(f'{url}/?language={language}', width, 900, scheme)
            page.live()
            page.value("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            wide = page.value("""[...document.querySelectorAll('body *')].filter(element =>
              !element.closest('.scroll, .unseen, .skip') && element.getBoundingClientRect().right > innerWidth + 1
            ).map(element => element.outerHTML.slice(0, 120))""")
            findings.expect(not wide, f'{where}: wider than the screen: {wide[:3]}')
            room = page.value('[document.documentElement.scrollWidth, innerWidth]')
            findings.expect(room[0] <= room[1], f'{where}: scrolls sideways, {room[0]} of {room[1]} px')
            findings.expect(
                page.value('document.documentElement.lang') == language, f'{where}: lang is not {language}')
            # Colours are of the scheme and order is of the width: each of either once, and both schemes where it is narrowest.
            if width == WIDTHS[0] or (width == WIDTHS[-1]) == (scheme == 'light'):
                check_access(page, where, findings)
            page.screenshot(picture(folder, f'{width}-{scheme}.png'))
    origins = {request.split('/')[2] for request in page.requests if request.startswith('http')}
    findings.expect(origins == {url.split('/')[2]}, f'asks others: {origins}')
    findings.expect(len(page.value("document.title")) > 5, 'the title says nothing')


def moves(page, url, token, folder, findings):
    """It shows what happens within two seconds, and leaves alone what somebody is doing."""
    page.open(url)
    page.live()
    page.value("""(() => {
      window.changes = [];
      // How long ago something was is the script's own.
      const isOwn = (change) => (change.target.parentElement ?? change.target).closest?.('.ago') || change.target.matches?.('.ago');
      new MutationObserver((all) => { if (!all.every(isOwn)) changes.push(performance.now()); })
        .observe(document.getElementById('pipeline'), { subtree: true, childList: true, characterData: true });
      document.querySelector('#checks details').open = true;
      const field = document.querySelector('#op-gate-close-reason');
      field.focus();
    })()""")
    page.type('half a sen')
    page.value('window.scrollTo(0, 300)')
    page.wait('changes.length > 3 && changes.at(-1) - changes[0] > 4000')
    gaps = page.value('changes.slice(1).map((time, index) => time - changes[index])')
    findings.figures['longest_pause_ms'] = round(max(gaps))
    findings.expect(page.value("document.querySelector('#checks details').open"), 'what was open has closed')
    findings.expect(
        page.value("document.activeElement.id === 'op-gate-close-reason' && document.activeElement.value")
        == 'half a sen', 'what was typed, or the focus, is lost')
    findings.expect(page.value('Math.abs(scrollY - 300) < 2'), 'it has scrolled by itself')

    page.open(url, motion='reduce')
    page.live()
    findings.expect(
        page.value("""[...document.querySelectorAll('.dot')].length > 0 && [...document.querySelectorAll('.dot')]
          .every(dot => getComputedStyle(dot).animationName === 'none')"""),
        'it moves although less motion was asked for')
    page.open(url)
    page.live()
    findings.expect(
        page.wait("[...document.querySelectorAll('.dot')].some(dot => getComputedStyle(dot).animationName !== 'none')"),
        'the canary does not travel')


def reach(page, url, findings):
    """Every control by the Tab key, each with a visible focus."""
    page.value("""document.activeElement.blur(); window.scrollTo(0, 0);
      document.querySelectorAll('details').forEach(one => { one.open = true; })""")
    controls = page.value("""(() => {
      const all = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')];
      all.forEach((element, index) => { element.dataset.number = index; });
      return all.length;
    })()""")
    seen = set()
    invisible = []
    for _ in range(controls + 3):
        page.press('Tab')
        number, outline, name = page.value("""(() => {
          const one = document.activeElement;
          return [one.dataset.number ?? null, getComputedStyle(one).outlineStyle, one.outerHTML.slice(0, 100)];
        })()""")
        if number is not None:
            seen.add(number)
            if outline == 'none':
                invisible.append(name)
    missing = page.value(f"""[...document.querySelectorAll('[data-number]')]
      .filter(one => !{json.dumps(sorted(seen))}.includes(one.dataset.number)).map(one => one.outerHTML.slice(0, 100))""")
    findings.figures['controls'] = controls
    findings.expect(not missing, f'out of the keyboard\'s reach: {missing[:3]}')
    findings.expect(not invisible, f'focus that cannot be seen: {invisible[:3]}')


def focus(page, selector, limit=80):
    page.value('document.activeElement.blur(); window.scrollTo(0, 0)')
    for _ in range(limit):
        page.press('Tab')
        if page.value(f'document.activeElement.matches({json.dumps(selector)})'):
            return
    raise RuntimeError(f'Tab never comes to {selector}')


def operates(page, url, token, folder, findings):
    """Stop and resume with the keyboard alone."""
    page.open(url)
    page.live()
    # What is asked of the page is asked in its own numbers; sections that are made anew in between have none.
    reach(page, url, findings)
    outcome = "document.getElementById('outcome').textContent"
    stop = '#op-stop button'

    focus(page, stop)
    page.press('Enter')
    findings.expect('token' in page.value(outcome), 'without a token it does not ask for one')
    findings.expect(page.value("document.activeElement.id") == 'token', 'the token field has not got the focus')
    page.type('not the token')
    focus(page, stop)
    page.press('Enter')
    page.wait(f"{outcome} === 'the token is not the right one'")
    findings.expect('401' in ' '.join(page.complaints), 'a wrong token is not refused')
    page.complaints.clear()

    page.value("document.getElementById('token').value = ''")
    focus(page, '#token')
    page.type(token)
    focus(page, '#op-stop-reason')
    page.value("document.activeElement.select()")
    page.type('<img src=x onerror="window.broken = 1"> & <b>bold</b>')
    focus(page, stop)
    page.value("""(() => {
      window.pressed = performance.now();
      new MutationObserver(() => {
        if (!window.seen && document.querySelector('#answer .verdict.stopped')) window.seen = performance.now();
      }).observe(document.getElementById('answer'), { subtree: true, childList: true, attributes: true });
    })()""")
    page.press('Enter')
    page.wait('window.seen')
    took = page.value('window.seen - window.pressed')
    findings.figures['stop_seen_ms'] = round(took)
    page.wait(f"{outcome}.startsWith('stopped')")
    findings.figures['stop_said'] = page.value(outcome)
    page.wait("document.getElementById('answer').textContent.includes('<img src=x onerror=')")
    findings.expect(
        page.value("window.broken === undefined && document.querySelectorAll('main img, main b').length === 0"),
        'the words of the reason became markup')
    page.screenshot(picture(folder, 'stopped.png'))
    check_access(page, 'stopped', findings)

    # What is sent is kept, to see until when it says that somebody waits.
    page.value("""(() => {
        window.sent = [];
        const whole = window.fetch;
        window.fetch = (to, options) => {
            if (options?.method === 'POST') window.sent.push(options.headers['Done-Before'] ?? 'none');
            return whole(to, options);
        };
        return true;
    })()""")
    focus(page, '#op-resume-justification')
    page.type('looked at it')
    page.press('Enter')
    page.wait(f"{outcome}.startsWith('press again')")
    findings.expect(
        page.value("document.querySelector('#answer .verdict.stopped') !== null"), 'it resumed without asking')
    page.press('Escape')
    findings.expect(page.value("document.querySelector('#op-resume button').textContent") == 'Resume', 'Escape')
    page.press('Enter')
    page.wait(f"{outcome}.startsWith('press again')")
    page.press('Enter')
    page.wait(f"{outcome}.startsWith('done: the gate is')")
    page.wait("document.querySelector('#answer .verdict.stopped') === null")
    findings.expect(
        page.value("window.sent.length === 1 && /^[a-z0-9]+\\.[0-9]+$/.test(window.sent[0])"),
        'a resume does not say until when it waits')

    page.open(url)
    page.live()
    findings.expect(page.value("document.getElementById('token').value") == token, 'the token is not kept')
    findings.expect(
        page.value("localStorage.length === 0 && document.cookie === ''"), 'something is kept beyond the tab')


def reconnects(page, url, token, folder, findings):
    """The server is started again by whoever started this; the two files are how they wait for each other."""
    page.open(url)
    page.live()
    first = page.value("document.documentElement.dataset.position.split('-')[0]")
    open(os.path.join(folder, 'connected'), 'w').close()
    page.wait("document.body.classList.contains('stale')")
    findings.expect(
        page.value("document.getElementById('connection').textContent").startswith('connection lost'),
        'it does not say that the connection is lost')
    findings.expect(
        page.value("document.getElementById('connection').getAttribute('aria-live')") == 'polite', 'aria-live')
    page.screenshot(picture(folder, 'stale.png'))
    eventually('the server is back', lambda: os.path.exists(os.path.join(folder, 'restarted')))
    start = time.monotonic()
    page.live()
    findings.figures['reconnected_ms'] = round((time.monotonic() - start) * 1000)
    page.wait("document.querySelector('.when time') !== null")
    findings.expect(
        page.value("document.documentElement.dataset.position.split('-')[0]") == first,
        'it loaded itself anew although the program is the same')
    lost = [one for one in page.complaints if 'ERR_' not in one and 'net::' not in one]
    page.complaints[:] = lost


def without_script(page, url, token, folder, findings):
    """Everything is there without JavaScript too, as it was when it was loaded."""
    page.open(url, script=False)
    def markup():
        try:
            document = page.send('DOM.getDocument', depth=0)
            return page.send('DOM.getOuterHTML', nodeId=document['root']['nodeId'])['outerHTML']
        except RuntimeError:
            return ''  # between two documents
    text = ''
    def is_there():
        nonlocal text
        text = markup()
        # The browser closes what it writes down, half a document too: the footer is the last that comes.
        return '<footer' in text
    eventually('the page is there', is_there)
    for part in ('id="answer"', 'id="pipeline"', 'id="checks"', 'id="trades"', 'http-equiv="refresh"', 'cdb stop'):
        findings.expect(part in text, f'missing: {part}')


def playbooks(page, url, token, folder, findings):
    """The answer leads to its playbook, which can be read at three widths and leads on, and back."""
    stop = urllib.request.Request(
        f'{url}/api/v1/stop', json.dumps({'reason': 'to read about it'}).encode(),
        {'Authorization': f'Bearer {token}', 'Content-Type': 'application/json'})
    urllib.request.urlopen(stop, timeout=120).close()
    page.open(url)
    page.live()
    link = '#answer .playbook a'
    page.wait("document.querySelector('#answer .verdict.stopped') !== null")
    name = page.value(f"document.querySelector('{link}').textContent")
    focus(page, link)
    page.press('Enter')
    page.wait("document.querySelector('article h1') !== null")
    findings.expect(page.value('location.pathname') == f'/playbooks/{name}', 'it opens at another address')
    findings.expect(page.value("document.querySelector('h1').textContent").startswith(name), 'it is another page')
    findings.figures['playbook'] = name
    # The longest lines of commands, and the table of the index.
    for path in (name, f'de/{name}', 'risk_self_test_failed', '', 'de/'):
        for width in WIDTHS:
            scheme = 'dark' if path.startswith('de/') else 'light'
            where = f'playbooks/{path}, {width} px, {scheme}'
            page.open(f'{url}/playbooks/{path}', width, 900, scheme)
            page.wait(f"document.readyState === 'complete' && location.pathname === '/playbooks/{path}'")
            room = page.value('[document.documentElement.scrollWidth, innerWidth]')
            findings.expect(room[0] <= room[1], f'{where}: scrolls sideways, {room[0]} of {room[1]} px')
            check_access(page, where, findings)
            page.screenshot(picture(folder, f'playbook-{path.replace("/", "-")}-{width}.png'))
    links = page.value("[...document.querySelectorAll('article a')].map(link => link.href)")
    findings.expect(len(links) > 40, f'the index has {len(links)} links')
    for link in links:
        with urllib.request.urlopen(link, timeout=120) as answer:
            findings.expect(answer.status == 200, f'{link}: {answer.status}')


def end(*_):
    sys.exit('ended from outside')


def main():
    # So that the browser ends too.
    signal.signal(signal.SIGTERM, end)
    scenario, url, token, folder = sys.argv[1:5]
    findings = Findings()
    with Browser() as browser:
        page = browser.page()
        globals()[scenario](page, url, token, folder, findings)
        findings.expect(not page.complaints, f'the console complains: {page.complaints[:5]}')
        findings.expect(not page.dialogs, f'it opened dialogs: {page.dialogs}')
    print(json.dumps(findings.figures))
    for fault in findings.faults:
        print(fault, file=sys.stderr)
    return 1 if findings.faults else 0


if __name__ == '__main__':
    sys.exit(main())
