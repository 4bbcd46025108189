#!/usr/bin/env bash
# Installs the package that this action is a part of, or the VERSION that was asked for.
set -euo pipefail
root=$GITHUB_ACTION_PATH/../../..
lists=$root/.ci/requirements # with the digest of every file, also of the tools that build the package

install() {
  python -m pip install -q "$@"
}

case $TORCH in
  cpu)
    # No other name may come from that index.
    install --require-hashes --no-deps --extra-index-url https://download.pytorch.org/whl/cpu \
      -r "$lists/torch-cpu.txt"
    ;;
  cuda) install --require-hashes -r "$lists/torch-cuda.txt" ;;
  *)
    echo "::error title=huggingtweets::The input 'torch' is neither cpu nor cuda."
    exit 2
    ;;
esac

if [[ -n $VERSION ]]; then # what the list was not made for
  install -- "$VERSION"
else
  install --require-hashes -r "$lists/run.txt"
  install --no-index --no-deps --no-build-isolation -- "$root"
fi
