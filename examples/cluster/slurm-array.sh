#!/bin/bash
# A million people as a SLURM job array of 100 jobs that share a folder and never speak with each other.
#   jobid=$(sbatch --parsable slurm-array.sh)
#   sbatch --dependency=afterany:$jobid --wrap "srun follicast simulate --out $SCRATCH/million --resume"
# The second job makes what a lost job left out, checks every file and completes the manifest.
#SBATCH --job-name=follicast
#SBATCH --array=1-100
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=8
#SBATCH --mem=6G
#SBATCH --time=01:00:00
set -eu
follicast simulate design.toml --people 1000000 --seed 1 --out "$SCRATCH/million" \
  --part "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --workers "$SLURM_CPUS_PER_TASK" --quiet
