#!/usr/bin/env bash
# Runs `batch` with the action's inputs. They come as INPUT_* variables; none is read as code or as an option.
set -euo pipefail

fail() {
  echo "::error title=huggingtweets::$1"
  exit 2
}

option() { # --name value
  [[ -z $2 ]] || arguments+=("$1=$2")
}

flag() { # --name true|false
  case $2 in
    true) arguments+=("$1") ;;
    false | "") ;;
    *) fail "The input '${1#--}' is neither true nor false." ;;
  esac
}

export HUGGINGTWEETS_HOME=${INPUT_HOME:-${HUGGINGTWEETS_HOME:-$RUNNER_TEMP/huggingtweets}}
if [[ -n $INPUT_STORE ]]; then
  export HUGGINGTWEETS_STORE=$INPUT_STORE
fi

report=${INPUT_REPORT:-$RUNNER_TEMP/huggingtweets-report.jsonl}
mkdir -p -- "$(dirname -- "$report")"
: >"$report" # of this run alone, and there even if nothing can be started
echo "report=$report" >>"$GITHUB_OUTPUT"

users=$INPUT_USERS
if [[ -n $INPUT_USERS && -n $INPUT_HANDLES ]]; then
  fail "Give 'users' or 'handles', not both."
elif [[ -n $INPUT_HANDLES ]]; then
  users=$RUNNER_TEMP/huggingtweets-users.txt
  printf '%s\n' "$INPUT_HANDLES" >"$users"
elif [[ -z $INPUT_USERS ]]; then
  fail "Give 'users', a file, or 'handles', one a line."
fi

arguments=("--report=$report")
option --namespace "$INPUT_NAMESPACE"
option --base-model "$INPUT_BASE_MODEL"
option --recipe "$INPUT_RECIPE"
option --consent "$INPUT_CONSENT"
option --limit "$INPUT_LIMIT"
option --shard "$INPUT_SHARD"
option --min-new "$INPUT_MIN_NEW"
option --max-cost "$INPUT_MAX_COST"
option --retries "$INPUT_RETRIES"
flag --require-consent "${INPUT_REQUIRE_CONSENT:-true}"
flag --trust-users-file "$INPUT_TRUST_USERS_FILE"
flag --refresh "$INPUT_REFRESH"
flag --dry-run "$INPUT_DRY_RUN"
while read -r name; do
  option --exclude "$name"
done <<<"$INPUT_EXCLUDE"

# What the batch prints may hold what strangers wrote: meanwhile the runner takes no commands from it.
pause=$(python -c 'import uuid; print(uuid.uuid4())')
code=0
echo "::stop-commands::$pause"
python -m huggingtweets_hub batch "${arguments[@]}" -- "$users" || code=$?
echo "::$pause::"

if [[ $code -eq 3 && $INPUT_ALLOW_FAILURES == true ]]; then
  echo "::warning title=huggingtweets::Some accounts failed. The summary says which, and why."
  code=0
fi
exit "$code"
