(() => {
  'use strict';
  const root = document.documentElement;
  const words = JSON.parse(document.body.dataset.words);
  const say = (name, values = {}) =>
    words[name].replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
  const $ = (id) => document.getElementById(id);

  // Ages, by the server's clock.
  let skew = Number(root.dataset.now) - Date.now();
  const age = (seconds) =>
    seconds < 120 ? `${seconds} s`
    : seconds < 7200 ? `${Math.floor(seconds / 60)} min`
    : seconds < 172800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86400)} d`;
  const tell = (scope) => {
    const now = Date.now() + skew;
    for (const element of scope.querySelectorAll('[data-ago]')) {
      const seconds = Math.max(0, Math.floor((now - Number(element.dataset.ago)) / 1000));
      const text = say('ago', { age: age(seconds) });
      if (element.textContent !== text) element.textContent = text;
    }
    const title = document.querySelector('[data-title]');
    if (title) document.title = `${title.dataset.title} – cdb`;
  };

  // Makes one tree like another and leaves alone what is the same: focus, scroll, and what is open stay.
  const key = (node) => node.dataset?.key;
  const morph = (from, to) => {
    if (from.nodeName !== to.nodeName || key(from) !== key(to)) return from.replaceWith(to);
    if (from.nodeType !== Node.ELEMENT_NODE) {
      if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
      return;
    }
    for (const { name } of [...from.attributes]) {
      if (name !== 'open' && !to.hasAttribute(name)) from.removeAttribute(name);
    }
    for (const { name, value } of [...to.attributes]) {
      if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    }
    if (!from.hasAttribute('data-ago')) morphChildren(from, to);
  };
  const morphChildren = (from, to) => {
    const old = [...from.childNodes];
    const fresh = [...to.childNodes];
    fresh.forEach((node, index) => {
      if (index < old.length) morph(old[index], node);
      else from.append(node);
    });
    old.slice(fresh.length).forEach((node) => node.remove());
  };
  const show = (section, markup) => {
    const template = document.createElement('template');
    template.innerHTML = markup;
    morphChildren(section, template.content);
    tell(section);
  };

  // The stream of events. It is opened anew by hand: a browser gives up where it is refused once.
  let source;
  let isLive;
  let heard = performance.now();
  let position = root.dataset.position;
  let retry;
  const mark = (live) => {
    if (live === isLive) return;
    isLive = live;
    document.body.classList.toggle('stale', !live);
    $('connection').textContent = live
      ? say('live') : say('lost', { time: new Date(Date.now() + skew).toISOString().slice(11, 19) + ' UTC' });
  };
  const lose = () => {
    source?.close();
    mark(false);
    clearTimeout(retry);
    retry = setTimeout(connect, 1000);
  };
  const connect = () => {
    heard = performance.now();
    const query = new URLSearchParams({ language: root.lang, after: position });
    const opened = new EventSource(`events?${query}`);
    source = opened;
    opened.onerror = () => { if (source === opened) lose(); };
    opened.addEventListener('edition', (event) => {
      if (event.data !== root.dataset.edition) location.reload();
    });
    opened.addEventListener('beat', (event) => {
      heard = performance.now();
      skew = Number(event.data) - Date.now();
      mark(true);
    });
    for (const section of document.querySelectorAll('[data-live]')) {
      opened.addEventListener(section.id, (event) => {
        position = event.lastEventId;
        show(section, event.data);
      });
    }
  };
  setInterval(() => {
    tell(document);
    if (isLive && performance.now() - heard > 8000) lose();
  }, 1000);
  addEventListener('pagehide', () => source?.close());
  addEventListener('pageshow', (event) => { if (event.persisted) connect(); });

  // Operations.
  const token = $('token');
  token.value = sessionStorage.getItem('cdb-token') ?? '';
  token.addEventListener('input', () => sessionStorage.setItem('cdb-token', token.value.trim()));
  $('token-form').addEventListener('submit', (event) => event.preventDefault());
  const outcome = (text, tone) => {
    $('outcome').textContent = text;
    $('outcome').className = `outcome ${tone}`;
  };
  const flat = (value, path = '', into = {}) => {
    for (const [name, part] of Object.entries(value ?? {})) {
      if (part !== null && typeof part === 'object' && !Array.isArray(part)) flat(part, `${path}${name}.`, into);
      else into[path + name] = String(part);
    }
    return into;
  };
  const input = (form) => {
    const values = {};
    for (const field of form.elements) {
      if (!field.name) continue;
      const type = field.dataset.type;
      if (type === 'boolean') values[field.name] = field.checked;
      else if (field.value === '' && !field.required) continue;
      else if (type === 'integer' || type === 'number') values[field.name] = Number(field.value);
      else if (type === 'array') values[field.name] = field.value.split('\n').map((line) => line.trim()).filter(Boolean);
      else values[field.name] = field.value;
    }
    return values;
  };
  // Until when this page waits, by the service's own clock: one that comes to it later does not do it any more. A page that
  // slept meanwhile has waited for too long, too.
  const patience = 10000;
  const deadline = async () => {
    const begun = Date.now();
    const answer = await fetch('readyz', { cache: 'no-store', signal: AbortSignal.timeout(patience) });
    const [process, instant] = (answer.headers.get('Service-Instant') ?? '').split('.');
    if (!instant || Date.now() - begun > patience) throw new Error('nobody waits any more');
    return `${process}.${Number(instant) + patience}`;
  };
  const perform = async (form, operation) => {
    outcome(say('asking', { operation }), 'calm');
    const request = {
      method: 'POST', cache: 'no-store',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token.value.trim()}` },
      body: JSON.stringify(input(form)),
    };
    let answer;
    let status;
    if ('deadline' in form.dataset) {
      try {
        request.headers['Done-Before'] = await deadline();
        request.signal = AbortSignal.timeout(patience);
      } catch {
        return outcome(say('late', { operation }), 'bad');
      }
    }
    try {
      const response = await fetch(`api/v1/${form.dataset.operation}`, request);
      status = response.status;
      answer = await response.json();
    } catch {
      return outcome(say('unreachable', { operation }), 'bad');
    }
    if (status === 401) {
      token.focus();
      return outcome(say('wrongToken'), 'bad');
    }
    if (status !== 200) {
      return outcome(say('failed', { operation, message: answer.error?.message ?? status }), 'bad');
    }
    const figures = flat(answer);
    const fitting = JSON.parse(form.dataset.answers)
      .find(({ when }) => Object.entries(when).every(([name, value]) => figures[name] === value));
    outcome(
      fitting
        ? fitting.say.replace(/\{([\w.]+)\}/g, (_, name) => short(figures[name])) : say('done', { operation }),
      'good');
  };
  const short = (figure) => {
    const text = /^\d+\.\d{4,}$/.test(figure) ? Number(figure).toFixed(3) : String(figure ?? '');
    return root.lang === 'de' && /^\d+\.\d+$/.test(text) ? text.replace('.', ',') : text;
  };
  for (const form of document.querySelectorAll('form[data-operation]')) {
    const button = form.querySelector('button');
    const label = button.textContent;
    const disarm = () => {
      delete form.dataset.armed;
      button.textContent = label;
    };
    form.addEventListener('keydown', (event) => { if (event.key === 'Escape') disarm(); });
    form.addEventListener('focusout', (event) => { if (!form.contains(event.relatedTarget)) disarm(); });
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (token.value.trim() === '') {
        token.focus();
        return outcome(say('token'), 'warning');
      }
      if (form.dataset.confirm && !form.dataset.armed) {
        form.dataset.armed = 'yes';
        button.textContent = form.dataset.confirm;
        button.focus();
        return outcome(say('confirm', { operation: form.dataset.confirm }), 'warning');
      }
      disarm();
      // Not disabled: the keyboard would lose its place.
      if (form.dataset.busy) return;
      form.dataset.busy = 'yes';
      button.setAttribute('aria-disabled', 'true');
      await perform(form, label);
      button.removeAttribute('aria-disabled');
      delete form.dataset.busy;
    });
  }

  // What an incident offers is its form, with its number in it.
  addEventListener('click', (event) => {
    const link = event.target.closest?.('[data-fill]');
    const field = link && $(link.dataset.fill);
    if (!field) return;
    event.preventDefault();
    const group = field.closest('details');
    if (group) group.open = true;
    field.value = link.dataset.value;
    const next = [...field.form.elements].find((one) => one.name && one.value === '');
    (next ?? field).focus();
    field.form.scrollIntoView({ block: 'nearest' });
  });

  tell(document);
  connect();
})();
