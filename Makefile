# Each command sets up what it needs. `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
WITH_TOOLS := . .tools/env && exec

.PHONY: help setup dev test drill deploy secret rebuild status proof bench screenshots down

help: ## lists the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## installs what is missing
	@infra/local/setup

dev: setup ## the site on this machine, rebuilt as you edit
	@$(WITH_TOOLS) python -m infra.local.dev

test: setup ## everything CI runs; ONLY=part runs one
	@$(WITH_TOOLS) python -m infra.local.test $(ONLY)

drill: setup ## damages files, throws a table away and rebuilds it
	@$(WITH_TOOLS) python -m infra.local.drill --build

deploy: setup ## builds and deploys to AWS: STAGE=name [ARGS='--domain … --zone …']
	@test -n "$(STAGE)" || { echo 'Say where: make deploy STAGE=name'; exit 2; }
	@$(WITH_TOOLS) python -m infra.deploy $(STAGE) --build $(ARGS)

secret: setup ## keeps the secret that a provider gave: STAGE=name OF=google|facebook|oidc
	@test -n "$(STAGE)" || { echo 'Say which: make secret STAGE=name OF=google'; exit 2; }
	@$(WITH_TOOLS) python -m infra.secret $(STAGE) $(OF)

rebuild: setup ## writes a lost table's rows again, from their sidecars: STAGE=name
	@test -n "$(STAGE)" || { echo 'Say which: make rebuild STAGE=name'; exit 2; }
	@$(WITH_TOOLS) python -m infra.rebuild $(STAGE)

status: setup ## what the clock last did, what lies in dead letters: STAGE=name
	@test -n "$(STAGE)" || { echo 'Say which: make status STAGE=name'; exit 2; }
	@$(WITH_TOOLS) python -m infra.status $(STAGE)

proof: setup ## the browser's tests against a deployed stage: STAGE=name
	@test -n "$(STAGE)" || { echo 'Say which: make proof STAGE=name'; exit 2; }
	@$(WITH_TOOLS) python -m infra.proof $(STAGE)

bench: setup ## measures; WHAT=journey|size|uploads|develop|timeline|lighthouse measures one
	@$(WITH_TOOLS) infra/local/bench $(WHAT)

screenshots: setup ## the README's pictures anew, light and dark
	@$(WITH_TOOLS) python -m infra.local.screenshots

down: ## stops the local cloud and forgets what it held
	@if [ -e .tools/env ]; then . .tools/env; for stage in home test bench drill; do python -m infra.local.cloud forget $$stage; done; fi
