#!/usr/bin/env bash
# Make sure that the browser tests find a Chromium and a Chinese font: the system's, else Debian's packages when root,
# else Playwright's own download; else say what to install. Argument: the Python of the virtual environment.
set -uo pipefail
python=$1

browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
chinese_font() { fc-list :lang=zh 2>/dev/null | grep -q .; }
debian() { [ "$(id -u)" = 0 ] && command -v apt-get; }

if { ! browser || ! chinese_font; } >/dev/null && debian >/dev/null; then
  echo "Installing Chromium and Chinese fonts from Debian's packages …"
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
      chromium fontconfig fonts-noto-cjk; } >/dev/null 2>&1
fi
browser >/dev/null && exit 0
[ -n "${EVENHAND_CHROMIUM:-}" ] && exit 0
"$python" -m playwright install chromium >/dev/null 2>&1 && exit 0
echo "The browser tests need Chromium: install the package «chromium», or set EVENHAND_CHROMIUM to a Chrome's path." >&2
exit 1
