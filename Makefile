# Each command sets up what it needs. `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
SETUP := python3 -m infra.local.setup
WITH_TOOLS := . .tools/env && exec

.PHONY: help setup dev test audit drill deploy secret rebuild status proof bench screenshots down

help: ## lists the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## installs what is missing for all of them
	@$(SETUP) all

dev: ## the site on this machine, rebuilt as you edit
	@$(SETUP) dev
	@$(WITH_TOOLS) python -m infra.local.dev

test: ## everything CI runs; ONLY=part runs one
	@$(SETUP) test
	@$(WITH_TOOLS) python -m infra.local.test $(ONLY)

audit: ## what is known of our dependencies; asks the databases of advisories, too
	@$(SETUP) test
	@$(WITH_TOOLS) python -m infra.local.audit --ask

drill: ## damages files, throws a table away and rebuilds it; WHAT=release builds what AWS gets and starts it
	@test -z "$(filter-out release,$(WHAT))" || { echo 'There is one without a name, and WHAT=release'; exit 2; }
	@$(SETUP) $(or $(WHAT),drill)
	@$(WITH_TOOLS) python -m infra.local.$(or $(WHAT),drill) --build

deploy: ## builds and deploys to AWS: STAGE=name [ARGS='--domain … --zone …']
	@test -n "$(STAGE)" || { echo 'Say where: make deploy STAGE=name'; exit 2; }
	@$(SETUP) deploy
	@$(WITH_TOOLS) python -m infra.deploy $(STAGE) --build $(ARGS)

secret: ## keeps the secret that a provider gave: STAGE=name OF=google|facebook|oidc
	@test -n "$(STAGE)" || { echo 'Say which: make secret STAGE=name OF=google'; exit 2; }
	@$(SETUP) cloud
	@$(WITH_TOOLS) python -m infra.secret $(STAGE) $(OF)

rebuild: ## writes a lost table's rows again, from their sidecars: STAGE=name
	@test -n "$(STAGE)" || { echo 'Say which: make rebuild STAGE=name'; exit 2; }
	@$(SETUP) cloud
	@$(WITH_TOOLS) python -m infra.admin $(STAGE) rebuild

status: ## what the clock last did, what lies in dead letters: STAGE=name
	@test -n "$(STAGE)" || { echo 'Say which: make status STAGE=name'; exit 2; }
	@$(SETUP) cloud
	@$(WITH_TOOLS) python -m infra.status $(STAGE)

proof: ## the browser's tests against a deployed stage: STAGE=name
	@test -n "$(STAGE)" || { echo 'Say which: make proof STAGE=name'; exit 2; }
	@$(SETUP) proof
	@$(WITH_TOOLS) python -m infra.proof $(STAGE)

bench: ## measures; WHAT=journey|size|uploads|develop|timeline|lighthouse|cost|build measures one
	@$(SETUP) bench
	@$(WITH_TOOLS) infra/local/bench $(WHAT)

screenshots: ## the README's pictures anew, light and dark
	@$(SETUP) test
	@$(WITH_TOOLS) python -m infra.local.screenshots

down: ## stops the local cloud and forgets what it held
	@if [ -e .tools/env ]; then . .tools/env; for stage in home test bench drill; do python -m infra.local.cloud forget $$stage; done; fi
