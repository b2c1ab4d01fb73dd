"""A headless Chromium, driven over the DevTools protocol."""

import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

import websocket


class Late(Exception):
    """Something did not become true in time."""


def eventually(what, condition, seconds=120.0, pause=0.05):
    """What the condition gives, once it is true."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Late(f'after {seconds} s still not: {what() if callable(what) else what}')
        time.sleep(pause)


class Browser:
    """One process with a profile of its own, which is gone afterwards."""

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix='cdb-chromium-')
        command = [
            'chromium', '--headless=new', '--remote-debugging-port=0', f'--user-data-dir={self.profile}',
            '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--no-default-browser-check',
            '--disable-background-networking', '--disable-component-update', '--disable-sync',
            '--disable-extensions', '--lang=en-US', '--force-color-profile=srgb', 'about:blank',
        ]
        if os.geteuid() == 0:
            command.insert(1, '--no-sandbox')
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            port_file = os.path.join(self.profile, 'DevToolsActivePort')
            self.port = eventually(
                'Chromium listens', lambda: os.path.exists(port_file) and open(port_file).readline().strip(), 60)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # The group that was started above, and nothing else.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def page(self):
        request = urllib.request.Request(f'http://127.0.0.1:{self.port}/json/new?about:blank', method='PUT')
        with urllib.request.urlopen(request, timeout=120) as answer:
            return Page(json.load(answer)['webSocketDebuggerUrl'])


class Page:
    """A tab. What its console complains of is in `complaints`."""

    def __init__(self, url):
        self.socket = websocket.create_connection(url, timeout=120, suppress_origin=True)
        self.numbers = itertools.count(1)
        self.complaints = []
        self.requests = []
        self.dialogs = []
        for domain in ('Page', 'Runtime', 'Log', 'Network', 'DOM'):
            self.send(f'{domain}.enable')

    def send(self, method, **parameters):
        number = next(self.numbers)
        self.socket.send(json.dumps({'id': number, 'method': method, 'params': parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get('id') == number:
                if 'error' in message:
                    raise RuntimeError(f'{method}: {message["error"]}')
                return message.get('result', {})
            self.note(message)

    def note(self, message):
        method, parameters = message.get('method'), message.get('params', {})
        if method == 'Log.entryAdded' and parameters['entry']['level'] in ('error', 'warning'):
            self.complaints.append(f"{parameters['entry']['source']}: {parameters['entry']['text']}")
        elif method == 'Runtime.consoleAPICalled' and parameters['type'] in ('error', 'warning', 'assert'):
            self.complaints.append(f"console: {parameters['args']}")
        elif method == 'Runtime.exceptionThrown':
            self.complaints.append(f"exception: {parameters['exceptionDetails']}")
        elif method == 'Network.requestWillBeSent':
            self.requests.append(parameters['request']['url'])
        elif method == 'Page.javascriptDialogOpening':
            self.dialogs.append(parameters['message'])

    def value(self, expression):
        """What an expression gives; a promise is waited for."""
        result = self.send(
            'Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in result:
            raise RuntimeError(f'{expression[:200]}: {result["exceptionDetails"]}')
        return result['result'].get('value')

    def wait(self, expression, seconds=120.0):
        return eventually(expression, lambda: self.value(expression), seconds)

    def open(self, url, width=1440, height=900, scheme='light', motion='no-preference', script=True):
        self.send(
            'Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1,
            mobile=width < 500)
        self.send('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': scheme},
            {'name': 'prefers-reduced-motion', 'value': motion},
        ])
        self.send('Emulation.setScriptExecutionDisabled', value=not script)
        self.send('Page.navigate', url=url)

    def live(self, seconds=120.0):
        """Waits until the page hears of what happens."""
        self.wait(
            "document.readyState === 'complete' && !document.body.classList.contains('stale')"
            " && document.getElementById('connection')?.textContent === 'live'", seconds)

    def press(self, key, code=None, text=None, modifiers=0):
        codes = {'Tab': 9, 'Enter': 13, 'Escape': 27, ' ': 32}
        common = dict(key=key, code=code or key, windowsVirtualKeyCode=codes.get(key, 0), modifiers=modifiers)
        if key == 'Enter':
            text = '\r'
        self.send('Input.dispatchKeyEvent', type='keyDown' if text else 'rawKeyDown', **common,
                  **({'text': text} if text else {}))
        self.send('Input.dispatchKeyEvent', type='keyUp', **common)

    def type(self, text):
        self.send('Input.insertText', text=text)

    def click(self, selector):
        """Where a person would: in the middle of it."""
        place = self.value(f"""(() => {{
          const element = document.querySelector({json.dumps(selector)});
          element.scrollIntoView({{ block: 'center' }});
          const box = element.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        }})()""")
        for kind in ('mousePressed', 'mouseReleased'):
            self.send('Input.dispatchMouseEvent', type=kind, x=place[0], y=place[1], button='left', clickCount=1)

    def screenshot(self, path):
        picture = self.send('Page.captureScreenshot', format='png', captureBeyondViewport=True)
        with open(path, 'wb') as file:
            file.write(base64.b64decode(picture['data']))
