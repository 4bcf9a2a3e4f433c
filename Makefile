# Mimu's tasks. `make` alone says which there are. Everything they need comes from Debian's packages, NuGet, and npm for a few tests.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1
export DOTNET_GENERATE_ASPNET_CERTIFICATE := false
# The test counter reads the runner's English, and no ICU needs to be installed for it.
export DOTNET_CLI_UI_LANGUAGE := en
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT := 1

PROGRAM := out/mimu
# Directories too: their times tell that a file was removed.
SOURCES := $(shell find src \( -name bin -o -name obj \) -prune -o -print) $(wildcard build/*.props build/*.targets) build/publish.sh \
	Directory.Build.props Directory.Packages.props global.json mimu.toml.example
TESTS := $(wildcard tests/*.Tests/*.csproj)
SMOKE := tests/Mimu.Smoke/Mimu.Smoke.csproj
# Official clients, for tests: libsignal's, and that of S3. npm writes these files last.
CLIENTS := $(addsuffix /node_modules/.package-lock.json, tests/libsignal tests/s3-clients)
DOTNET_BUILD := dotnet build Mimu.sln --no-restore --nologo -v minimal --tl:off

# The steps share obj directories.
.NOTPARALLEL:
.PHONY: help setup tools clients restore build format format-check test unit publish smoke run bench size check clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what the build and the tests need and is missing (says what, before it does)
	@build/setup.sh tests
	@$(MAKE) -s $(CLIENTS)

tools:
	@build/setup.sh

# Where one can't be had, the tests that need it fail and say so, and all others still tell what they know.
clients:
	-@$(MAKE) -s -k $(CLIENTS)

$(CLIENTS): %/node_modules/.package-lock.json: %/package-lock.json
	@build/setup.sh tests
	@echo "Installing the npm packages of $< into $*/node_modules"
	@cd $* && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

restore: tools
	@echo "Restoring the NuGet packages of the lock files into $${NUGET_PACKAGES:-$$HOME/.nuget/packages}"
	@dotnet restore Mimu.sln --tl:off -v minimal

build: restore ## build everything, with all analyzers, for debugging
	@$(DOTNET_BUILD)

format: restore ## bring the code into the house style
	dotnet format Mimu.sln --no-restore

format-check: restore ## fail if `make format` would change anything
	dotnet format Mimu.sln --no-restore --verify-no-changes

test: build $(PROGRAM) clients ## run all tests
	@build/test.sh $(TESTS) $(SMOKE)

unit: build ## run all tests but those of the published program
	@build/test.sh $(TESTS)

publish: $(PROGRAM) ## make the program: one file, out/mimu

$(PROGRAM): $(SOURCES) | tools
	@build/publish.sh

smoke: build $(PROGRAM) clients ## test the published program from outside
	@build/test.sh $(SMOKE)

run: $(PROGRAM) ## start Mimu with its defaults (ARGS="…" for more)
	@exec $(PROGRAM) serve $(ARGS)

bench: $(PROGRAM) ## measure the published program (ARGS="…" for the load generator)
	@MIMU_BINARY=$(abspath $(PROGRAM)) dotnet run --project bench/Mimu.Bench -c Release -- $(ARGS)

size: $(PROGRAM) ## what the published program weighs and needs
	@build/size.sh $(PROGRAM)

check: ## all that continuous integration asks for
	@build/check.sh

clean: ## remove what was built
	rm -rf out TestResults
	find src tests bench \( -name bin -o -name obj -o -name node_modules \) -type d -prune -exec rm -rf {} + 2>/dev/null || true
