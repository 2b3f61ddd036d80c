#!/bin/bash
# Workers on the nodes of a Slurm cluster, one a task of a job array:
#   sbatch --export=ALL,DATABASE_URL='postgres://user:password@host:5432/assay' deploy/slurm-workers.sh
# More or fewer of them: sbatch --array=0-63 …
#SBATCH --job-name=assay-worker
#SBATCH --array=0-7
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=8
#SBATCH --mem=24G
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@60
#SBATCH --output=assay-worker-%A-%a.log
set -euo pipefail

: "${DATABASE_URL:?the address of the PostgreSQL that workers share}"
# The project's folder and the files of runs lie where all nodes see them.
assay="${ASSAY_PROJECT:-$SLURM_SUBMIT_DIR}"
export ASSAY_ARTIFACTS="${ASSAY_ARTIFACTS:-$assay/artifacts}"
# Caches are a node's own.
export ASSAY_HOME="${ASSAY_HOME:-${TMPDIR:-/tmp}/assay-$USER}"

# A minute before the time is up, or when the job is cancelled, the worker gives back what it has not finished. The others take it.
npx --prefix "$assay" assay worker --concurrency "${SLURM_CPUS_PER_TASK:-1}" --memory-limit 2.5 &
worker=$!
trap 'kill -TERM "$worker"' TERM INT
wait "$worker" || wait "$worker"
