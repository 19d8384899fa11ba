"""A tier's settings in the terms of those who carry it out: vLLM's arguments, a replica's process, and Ray Serve's options."""

import os
from typing import Any

from serve.tierconfig import TierSettings

# of a GPU's memory; the rest is left to CUDA's own needs
_MEMORY = 0.9

_QUIET = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "TOKENIZERS_PARALLELISM": "false"}
# one process for engine and model: with more, vLLM binds each to cores of its own, and replicas would share the same ones
_ON_CPU = {"OMP_NUM_THREADS": "1", "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
_NO_DOWNLOADS = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


def engine_arguments(settings: TierSettings) -> dict[str, Any]:
    """For vLLM's AsyncEngineArgs. Without free whitespace a grammar has an end that comes: a model may else write spaces until it is cut."""
    made: dict[str, Any] = {
        "model": os.path.expanduser(settings.model),
        "max_model_len": settings.max_length,
        "max_num_seqs": settings.in_flight,
        "enable_prefix_caching": True,
        "enable_chunked_prefill": True,
        "scheduling_policy": "priority",
        "structured_outputs_config": {"backend": "xgrammar", "disable_any_whitespace": True},
        "enable_log_requests": False,
    }
    if settings.revision and not settings.is_folder:
        made |= {"revision": settings.revision, "tokenizer_revision": settings.revision}
    if settings.gpus == 0:
        return made | {"enforce_eager": True, "kv_cache_memory_bytes": settings.cache_mb * 2**20}
    return made | {
        "tensor_parallel_size": settings.tensor_parallel,
        "pipeline_parallel_size": settings.gpus // settings.tensor_parallel,
        "distributed_executor_backend": "mp" if settings.gpus > 1 else "uni",
        "gpu_memory_utilization": round(_MEMORY * settings.fraction, 4),
    }


def environment(settings: TierSettings) -> dict[str, str]:
    """Of a replica's process, before it imports vLLM."""
    return _QUIET | (_ON_CPU if settings.gpus == 0 else {}) | (_NO_DOWNLOADS if settings.is_folder else {})


def deployment_options(settings: TierSettings) -> dict[str, Any]:
    """For a deployment of Ray Serve. What waits waits in the engine, where what is urgent overtakes; at the router only what finds no replica
    yet, where a tier scales from zero."""
    actor: dict[str, Any] = {"num_cpus": settings.cpus, "runtime_env": {"env_vars": environment(settings)}}
    if settings.gpus:
        actor["num_gpus"] = settings.gpus_taken
    if settings.accelerator:
        actor["accelerator_type"] = settings.accelerator
    made: dict[str, Any] = {
        "ray_actor_options": actor,
        "max_ongoing_requests": settings.in_flight + settings.queue,
        "max_queued_requests": settings.queue,
        "health_check_period_s": 5,
        "health_check_timeout_s": 60,
        "graceful_shutdown_timeout_s": settings.try_s,
    }
    scaling = settings.autoscaling
    if scaling is None:
        return made | {"num_replicas": settings.replicas}
    return made | {
        "autoscaling_config": {
            "min_replicas": scaling.min_replicas,
            "max_replicas": scaling.max_replicas,
            "initial_replicas": scaling.min_replicas,
            "target_ongoing_requests": scaling.target_in_flight,
            "downscale_delay_s": scaling.downscale_delay_s,
        }
    }
