# Each command installs what it needs. `make` lists the commands.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
SETUP := python3 -m infra.local.setup
WITH_TOOLS := . .tools/env && exec

.PHONY: help setup dev test audit drill deploy destroy secret rebuild status logs proof bench screenshots down

help: ## lists the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## installs what all commands need
	@$(SETUP) all

dev: ## runs the site locally, rebuilt as you edit
	@$(SETUP) dev
	@$(WITH_TOOLS) python -m infra.local.dev

test: ## runs everything that CI runs; ONLY=part runs one part
	@$(SETUP) test
	@$(WITH_TOOLS) python -m infra.local.test $(ONLY)

audit: ## checks the dependencies for known vulnerabilities, also in the online databases
	@$(SETUP) test
	@$(WITH_TOOLS) python -m infra.local.audit --ask

drill: ## tests damaged files, failed deploys and a lost table; WHAT=release builds the functions as for AWS and starts them
	@test -z "$(filter-out release,$(WHAT))" || { echo 'WHAT may only be release, or empty'; exit 2; }
	@$(SETUP) $(or $(WHAT),drill)
	@$(WITH_TOOLS) python -m infra.local.$(or $(WHAT),drill) --build

deploy: ## builds and deploys to AWS: STAGE=name [ARGS='--domain … --zone …']
	@test -n "$(STAGE)" || { echo 'Missing stage: make deploy STAGE=name'; exit 2; }
	@$(SETUP) deploy
	@$(WITH_TOOLS) python -m infra.deploy $(STAGE) --build $(ARGS)

destroy: ## deletes a stage, after asking for its name: STAGE=name ARGS='--data keep|delete'
	@test -n "$(STAGE)" || { echo "Missing stage: make destroy STAGE=name ARGS='--data keep|delete'"; exit 2; }
	@$(SETUP) cloud
	@$(WITH_TOOLS) python -m infra.destroy $(STAGE) $(ARGS)

secret: ## stores the client secret of an identity provider: STAGE=name OF=google|facebook|oidc
	@test -n "$(STAGE)" || { echo 'Missing stage: make secret STAGE=name OF=google'; exit 2; }
	@$(SETUP) cloud
	@$(WITH_TOOLS) python -m infra.secret $(STAGE) $(OF)

rebuild: ## restores a lost table's rows from their sidecars: STAGE=name
	@test -n "$(STAGE)" || { echo 'Missing stage: make rebuild STAGE=name'; exit 2; }
	@$(SETUP) cloud
	@$(WITH_TOOLS) python -m infra.admin $(STAGE) rebuild

status: ## shows the last scheduled jobs and the dead letters: STAGE=name
	@test -n "$(STAGE)" || { echo 'Missing stage: make status STAGE=name'; exit 2; }
	@$(SETUP) cloud
	@$(WITH_TOOLS) python -m infra.status $(STAGE)

logs: ## follows a stage's logs, or what they say of one photo: STAGE=name [PHOTO=id]
	@test -n "$(STAGE)" || { echo 'Missing stage: make logs STAGE=name [PHOTO=id]'; exit 2; }
	@$(SETUP) cloud
	@$(WITH_TOOLS) python -m infra.logs $(STAGE) --follow $(if $(PHOTO),--photo $(PHOTO)) $(ARGS)

proof: ## runs the browser tests against a deployed stage: STAGE=name
	@test -n "$(STAGE)" || { echo 'Missing stage: make proof STAGE=name'; exit 2; }
	@$(SETUP) proof
	@$(WITH_TOOLS) python -m infra.proof $(STAGE)

bench: ## runs all benches; WHAT=journey|size|uploads|pixels|timeline|lighthouse|cost|build runs one
	@$(SETUP) bench
	@$(WITH_TOOLS) infra/local/bench $(WHAT)

screenshots: ## updates the README's screenshots, light and dark
	@$(SETUP) test
	@$(WITH_TOOLS) python -m infra.local.screenshots

down: ## stops the local clouds and deletes their data
	@if [ -e .tools/env ]; then . .tools/env; for stage in home test browser bench drill; do python -m infra.local.cloud forget $$stage; done; fi
