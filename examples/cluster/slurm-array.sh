#!/bin/bash
# A million people as a SLURM job array of 100 jobs that share a folder and never speak with each other.
#   jobid=$(sbatch --parsable slurm-array.sh)
#   sbatch --dependency=afterany:$jobid --wrap "srun follicast simulate --out $SCRATCH/million --resume"
# Submit it where design.toml lies, with `follicast` on the PATH; SCRATCH is a folder that all nodes share. 100 is the size
# of the array, so that lost tasks can be sent again by themselves (`--array=7,9`). The second job makes what a lost job
# left out, checks every file and completes the manifest.
#SBATCH --job-name=follicast
#SBATCH --array=1-100
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=8
#SBATCH --mem=6G
#SBATCH --time=01:00:00
set -eu
follicast simulate design.toml --people 1000000 --seed 1 --out "$SCRATCH/million" \
  --part "$SLURM_ARRAY_TASK_ID/100" --workers "$SLURM_CPUS_PER_TASK" --quiet
